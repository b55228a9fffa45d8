"""The difference of two texts, as ``patch`` and ``git apply`` take it."""

from __future__ import annotations

from difflib import unified_diff

from aliconf.report.style import Style

_COLOURS = {"-": "red", "+": "green", "@": "cyan"}


def render(file: str, before: str, after: str, style: Style) -> str:
    """A unified diff; in colour, control characters are made visible, too."""
    lines = unified_diff(_lines(before), _lines(after), file, file)
    return "".join(_line(line, number < 2, style) for number, line in enumerate(lines))


def _lines(text: str) -> list[str]:
    """Lines with their ends; str.splitlines would also split where no diff does."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _line(line: str, header: bool, style: Style) -> str:
    end = "\n" if line.endswith("\n") else "\n\\ No newline at end of file\n"
    line = line.removesuffix("\n")
    if not style.colour:
        return line + end
    shown = style.printable(line)
    if header:
        return style.bold(shown) + end
    colour = _COLOURS.get(line[:1])
    return (style.paint(shown, colour) if colour else shown) + end
