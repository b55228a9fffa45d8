"""``aliconf connector rekey``"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.project import Project, open_environment
from aliconf.cli.verbosity import note

if TYPE_CHECKING:
    from aliconf.connector.vault import Vault
    from aliconf.model.secrets import SecretReference


def _reference(_: click.Context, __: click.Parameter, value: str) -> SecretReference:
    """A secret reference; what is none may be the key itself, and is not repeated."""
    from pydantic_core import PydanticCustomError

    from aliconf.model.secrets import SecretReference

    try:
        return SecretReference.parse(value)
    except PydanticCustomError:
        raise click.BadParameter(
            "it is no secret reference. Write '${env:NAME}' or '${file:PATH}', in single quotes."
        ) from None


@click.command(short_help="Encrypt the stored secrets with another key.")
@click.option(
    "--old",
    required=True,
    callback=_reference,
    metavar="REFERENCE",
    help="Where the key is that they are encrypted with: '${env:OLD_KEY}' or '${file:PATH}'.",
)
@options.environment
@click.pass_obj
def command(directory: Path, environment: str | None, old: SecretReference) -> int:
    """Encrypt all secrets of the connector store with the key in the project's `encryptionKey`.

    It is one transaction: all secrets are under the new key afterwards, or all under the old one.
    Those that the new key encrypted already are left. Every project in the store shares the key;
    none of them can be applied meanwhile, and rekey is refused while one is.

    `openssl rand -base64 32` makes a key.
    """
    from aliconf.cli.connect import at_connector, store_of
    from aliconf.cli.lease import told_of
    from aliconf.connector.lease import hold
    from aliconf.connector.prepare import check_store
    from aliconf.connector.rekey import projects_in, rekey
    from aliconf.report import connector_text
    from aliconf.report.style import Style

    project = open_environment(directory, environment)
    project.own_document()
    store = store_of(project).to("apply")
    before, after = _vaults(project, old)
    with at_connector(project), ExitStack() as leased:
        check_store(store)
        names = sorted({project.name, *projects_in(store)})
        leases = [leased.enter_context(told_of(hold(store, name), name)) for name in names]
        done = rekey(store, leases, before, after)
    style = Style.of(sys.stdout)
    words = connector_text.rekeyed(store.display, done.changed, done.left, after.key_id, style)
    note(words, nl=False)
    return ExitCode.OK


def _vaults(project: Project, old: SecretReference) -> tuple[Vault, Vault]:
    from aliconf.config.secrets import Resolver
    from aliconf.connector import vault
    from aliconf.findings import AliconfError

    document = project.own_document()
    new = project.configuration.settings.encryption_key
    resolve = Resolver(project.root)
    try:
        if new is None:
            raise vault.no_key("rekey")
        after = vault.open_vault(new, resolve)
    except AliconfError as error:
        place = ("spec", "encryptionKey") if new else ("spec",)
        error.findings = tuple(
            finding._replace(location=document.locate(*place)) for finding in error.findings
        )
        raise
    before = vault.open_vault(old, resolve)
    if before.key_id == after.key_id:
        raise vault.same_key(old, new)
    return before, after
