"""Certificates of a test's own authority: the server's, a client's, and an authority nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

SERVER_NAME = "localhost"
"""The only name in the server's certificate: 127.0.0.1 reaches it and fails a full verification."""


def write(directory: Path) -> None:
    """``ca``, ``other-ca``, ``server`` and ``client``, each a ``.crt`` and a ``.key`` (mode 600)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def make(
        file: str,
        name: str,
        issuer: tuple[x509.Name, ec.EllipticCurvePrivateKey] | None = None,
    ) -> tuple[x509.Name, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer_name, issuer_key = issuer or (subject, key)
        now = datetime.now(UTC)
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(authority_key, False)
        )
        if issuer is None:
            builder = builder.add_extension(signs_certificates(), True)
        else:
            names = x509.SubjectAlternativeName([x509.DNSName(name)])
            builder = builder.add_extension(names, False)
        certificate = builder.sign(issuer_key, hashes.SHA256())
        (directory / f"{file}.crt").write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
        )
        private = directory / f"{file}.key"
        private.touch(mode=0o600)
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return subject, key

    def signs_certificates() -> x509.KeyUsage:
        others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        return x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
            **dict.fromkeys(others, False),
        )

    authority = make("ca", "aliconf tests")
    make("other-ca", "another authority")
    make("server", SERVER_NAME, authority)
    make("client", "certified", authority)
