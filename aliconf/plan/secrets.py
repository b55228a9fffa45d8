"""The secrets that the connector is to keep: whether those it has are today's.

A plan says that a value differs, and never what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.config.secrets import Resolver
from aliconf.connector import vault
from aliconf.connector.reader import StoredSecret
from aliconf.connector.vault import Place, Safe, Vault, open_vault
from aliconf.findings import AliconfError, Finding, Location, Severity
from aliconf.model.kinds import SECRETS
from aliconf.model.references import secret_references
from aliconf.model.secrets import SecretReference
from aliconf.plan.changes import FieldChange, Written
from aliconf.plan.observed import Observed, parse_body
from aliconf.plan.wanted import Id, Wanted
from aliconf.wording import some

NOT_KEPT: Final = "ALI944"
_SHOWN: Final = 5


class Secrets:
    """The project's key and the values of its references, as far as this process has them.

    A value is looked up once: apply stores what the plan compared.
    """

    def __init__(self, configuration: Configuration) -> None:
        assert configuration.project is not None
        self._project: LoadedDocument = configuration.project
        self._resolve = Resolver(configuration.root)
        self._key = configuration.settings.encryption_key
        self._values: dict[str, str] = {}
        self._observed = Observed()
        self._vault: Vault | None = None
        self._holders: list[Wanted] = []
        """The objects whose documents name secrets."""
        self.missing: list[Finding] = []
        """Why secrets cannot be compared or stored, each at its reference: apply is refused."""

    def begin(self, observed: Observed, wanted: Iterable[Wanted]) -> None:
        """Look up key and values. Raises ALI932 and ALI943 for a key that is there and wrong."""
        self._observed = observed
        able = [one for one in wanted if one.document.kind in SECRETS]
        named = [(one, references) for one in able if (references := _references(one))]
        self._holders = [one for one, _ in named]
        if self._key is None or not (named or any(one.id in observed.secrets for one in able)):
            return
        self._vault = self._opened(self._key)
        for one, references in named:
            for field, reference in references.items():
                if reference not in self._values:
                    self._look_up(reference, one.document, field)

    @property
    def safe(self) -> Safe | None:
        """For the writer; None where no secret is stored."""
        if self._vault is None:
            return None
        rows = [row for fields in self._observed.secrets.values() for row in fields.values()]
        return Safe(self._vault, self._value, {row.place: row.ciphertext for row in rows})

    def changes(self, wanted: Wanted, told: Iterable[FieldChange]) -> Iterator[FieldChange]:
        """The secrets of an object that are stored otherwise than its references say.

        ``told`` are the changes of the references themselves, which say as much.
        """
        if self._vault is None or wanted.document.kind not in SECRETS:
            return
        stored = self._observed.secrets.get(wanted.id, {})
        references = _references(wanted)
        paths = [change.path for change in told]
        for path in SECRETS[wanted.document.kind]:
            field = ".".join(path)
            if any(field == other or field.startswith(f"{other}.") for other in paths):
                continue
            row, reference = stored.get(field), references.get(field)
            if reference is None:
                if row is not None:
                    yield FieldChange(field, "(stored value)", None)
            elif reference in self._values:
                old = self._state(self._vault, row, reference)
                if old:
                    new = "(another value)" if row else "(stored value)"
                    place = Written(wanted.document, ("spec", *path))
                    yield FieldChange(field, old, new, place)

    def notes(self, moved: Iterable[Id]) -> Iterator[Finding]:
        """What to know of the secrets before the plan is applied."""
        if self._holders and self._key is None:
            holders = some(["/".join(one.id) for one in self._holders], _SHOWN)
            kept = any(one.id in self._observed.secrets for one in self._holders)
            named = [
                (one.document, field, reference)
                for one in self._holders
                for field, reference in _references(one).items()
            ]
            shown = [f"{text} at {_place(one, field)}" for one, field, text in named[:_SHOWN]]
            references = some(shown + [text for *_, text in named[_SHOWN:]], _SHOWN)
            yield self._note(
                f"the secrets of {holders} "
                + ("that are stored were not compared" if kept else "are not stored")
                + f", only their references ({references}): the project names no encryption key",
                "Whoever executes the policies has to resolve the references by itself. To store "
                "the secrets encrypted, name a key in `spec.encryptionKey`.",
                self._project.locate("spec"),
            )
        elif self.missing:
            first = self.missing[0]
            reasons = [f"{one.message} ({one.location})" for one in self.missing[1:]]
            also = f"; {some(reasons, _SHOWN, '; ')}" if reasons else ""
            yield self._note(
                f"stored secrets were not compared: {first.message}{also}",
                "Apply will refuse without them. A plan needs them only to see whether a secret "
                "has another value.",
                first.location,
            )
        if self._key is None:
            self.missing += [
                _refused(
                    vault.no_key(f"moving {kind}/{name}, which has stored secrets,"),
                    self._project.locate("spec"),
                )
                for kind, name in moved
                if self._observed.secrets.get((kind, name))
            ]

    def _opened(self, key: SecretReference) -> Vault | None:
        place = self._project.locate("spec", "encryptionKey")
        try:
            opened = open_vault(key, self._resolve)
            for fields in self._observed.secrets.values():
                for row in fields.values():
                    if row.key_id != opened.key_id:
                        raise vault.wrong_key(opened.key_id, row.key_id)
        except AliconfError as error:
            refused = _refused(error, place)
            if refused.code != "ALI933":
                raise AliconfError(refused) from None
            self.missing.append(refused)
            return None
        return opened

    def _look_up(self, reference: str, document: LoadedDocument, field: str) -> None:
        try:
            self._values[reference] = self._resolve(SecretReference.parse(reference))
        except AliconfError as error:
            self.missing.append(_refused(error, _place(document, field), document.id))

    def _value(self, reference: str) -> str:
        if reference not in self._values:
            self._values[reference] = self._resolve(SecretReference.parse(reference))
        return self._values[reference]

    def _state(self, opened: Vault, row: StoredSecret | None, reference: str) -> str:
        """What is stored, in words; empty where it is what the reference says."""
        if row is None:
            return "(not stored)"
        value = opened.decrypt(
            self._observed.connector_id, Place(row.kind, row.name, row.field), row.ciphertext
        )
        if value is None:
            return "(damaged value)"
        if value != self._values[reference] or row.reference != reference:
            return "(stored value)"
        return ""

    def _note(self, message: str, hint: str, place: Location | None) -> Finding:
        return Finding(NOT_KEPT, Severity.NOTE, message, place, hint, self._project.id)


def _references(wanted: Wanted) -> dict[str, str]:
    return secret_references(wanted.document.kind, parse_body(wanted.text))


def _place(document: LoadedDocument, field: str) -> Location:
    return document.locate("spec", *field.split("."))


def _refused(error: AliconfError, place: Location | None, name: str = "") -> Finding:
    (finding,) = error.findings
    return finding._replace(location=place, object=name)
