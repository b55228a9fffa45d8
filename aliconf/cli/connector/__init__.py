"""``aliconf connector``"""

from __future__ import annotations

from typing import Final

import click

from aliconf.cli.groups import LazyGroup

KNOWN: Final = {
    "init": "Make the tables of a new connector store.",
    "migrate": "Bring an older store up to this aliconf's schema.",
    "check": "Look at a store from all sides; change nothing.",
    "copy": "Copy a store to another place or database.",
    "backup": "Write a store to a file.",
    "restore": "Make a store from such a file.",
    "rekey": "Encrypt the stored secrets with another key.",
}


@click.group(
    cls=LazyGroup,
    package="aliconf.cli.connector",
    known=KNOWN,
    short_help="Make, check, move and back up connector stores.",
)
def command() -> None:
    """Administer the project's connector store.

    An embedded store needs none of this: apply makes and upgrades it. One on a server is made and
    upgraded here, once for everybody who uses it.
    """
