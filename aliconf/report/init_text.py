"""What `init` wrote, what is left to do, and what comes next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from aliconf.config.scaffold.files import ScaffoldFile
from aliconf.report.style import Style


def render(shown: str, files: Sequence[ScaffoldFile], ignored: bool, style: Style) -> str:
    """``shown`` is the directory as it is seen from here."""
    names = [file.name for file in files] + [".gitignore"] * ignored
    where = "" if shown == "." else f" in {style.printable(shown)}"
    lines = style.wrap(f"Wrote {', '.join(names)}{where}.", rest="  ")
    lines += ["", style.bold("Left to do")]
    width = max(len(file.name) for file in files)
    for file in files:
        if file.left:
            indent = " " * (width + 4)
            lines += style.wrap(file.left, f"  {file.name:<{width}}  ", indent)
    aliconf = "aliconf" if shown == "." else f"aliconf -C {shlex.quote(shown)}"
    lines += ["", style.bold("Next"), f"  {aliconf} validate", f"  {aliconf} plan"]
    return "\n".join(lines) + "\n"
