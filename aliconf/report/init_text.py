"""What `init` wrote, what is left to do, and what comes next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from posixpath import join, normpath
from types import MappingProxyType
from typing import Final, NamedTuple

from aliconf.config.scaffold.files import ScaffoldFile
from aliconf.report.style import Style

WIDEST: Final = 32
"""The longest name with what is left to do beside it. A longer one has that below it."""


class Report(NamedTuple):
    shown: str
    """The project's directory, as it is seen from here."""
    files: Sequence[ScaffoldFile]
    """Of a new project."""
    ignored: bool
    """Whether the entry in ``.gitignore`` is new."""
    workflow: Sequence[ScaffoldFile] = ()
    """Their names begin with ``..`` where the repository's top is above the project."""
    left: Mapping[str, str] = MappingProxyType({})
    """What is left to do in files that were there."""
    served: bool = False
    """Whether its connector is on a server."""
    environment: str = ""
    """The one that the workflow works on."""


def render(report: Report, style: Style) -> str:
    lines: list[str] = []
    own = [file.name for file in report.files] + [".gitignore"] * report.ignored
    where = "" if report.shown == "." else f" in {style.printable(report.shown)}"
    wrote = [", ".join(own) + where] if own else []
    workflow = [(normpath(join(report.shown, file.name)), file.left) for file in report.workflow]
    wrote += [style.printable(name) for name, _ in workflow]
    lines += style.wrap(f"Wrote {', '.join(wrote)}.", rest="  ")
    left = [(file.name, file.left) for file in report.files]
    left += [(normpath(join(report.shown, name)), what) for name, what in report.left.items()]
    left += workflow
    left = [(name, what) for name, what in left if what]
    lines += ["", style.bold("Left to do")]
    width = max((len(name) for name, _ in left if len(name) <= WIDEST), default=0)
    for name, what in left:
        if len(name) <= WIDEST:
            lines += style.wrap(what, f"  {name:<{width}}  ", " " * (width + 4))
        else:
            lines += [f"  {style.printable(name)}", *style.wrap(what, "    ", "    ")]
    lines += ["", style.bold("Next"), *_next(report)]
    return "\n".join(lines) + "\n"


def _next(report: Report) -> list[str]:
    shown = report.shown
    aliconf = "  aliconf" if shown == "." else f"  aliconf -C {shlex.quote(shown)}"
    if not report.files:
        chosen = f" -e {shlex.quote(report.environment)}" if report.environment else ""
        return [f"{aliconf} connector check{chosen}"]
    made = [f"{aliconf} connector init"] if report.served else []
    return [f"{aliconf} validate", *made, f"{aliconf} plan"]
