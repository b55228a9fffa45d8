"""Tables and paragraphs by display width: a wide character takes two columns, an accent none."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aliconf.report.style import Style

INDENT: Final = "  "
_GAP: Final = "  "
_ELLIPSIS: Final = "…"


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    least: int | None = None
    """How narrow its cells may be cut; None where they are shown whole."""
    leaves: int = 0
    """Where the terminal is narrow, the column of the highest number is cut first and leaves first;
    0 stays."""


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    colour: str = ""


Row = Sequence[Cell | str]


@dataclass(frozen=True, slots=True)
class Laid:
    """A table as lines of its own, so that more can be said below a row."""

    header: str
    rows: tuple[str, ...]
    left_out: tuple[str, ...]
    """Headings of the columns that found no room."""


def lay_out(columns: Sequence[Column], rows: Sequence[Row], style: Style) -> Laid:
    """The table, no line wider than the terminal."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    natural = [
        max(width(column.heading), *(width(row[index].text) for row in cells), 0)
        for index, column in enumerate(columns)
    ]
    kept = list(range(len(columns)))
    room = style.width - len(INDENT)
    while True:
        least = {index: _least(columns[index], natural[index]) for index in kept}
        leaving = max(kept, key=lambda index: columns[index].leaves)
        if _total(list(least.values())) <= room or not columns[leaving].leaves:
            break
        kept.remove(leaving)
    widths = _shrunk({index: natural[index] for index in kept}, least, room, columns)
    headings = [Cell(column.heading) for column in columns]
    return Laid(
        _line(headings, widths, Style()),
        tuple(_line(row, widths, style) for row in cells),
        tuple(column.heading for index, column in enumerate(columns) if index not in kept),
    )


def _cell(cell: Cell | str) -> Cell:
    text, colour = (cell, "") if isinstance(cell, str) else (cell.text, cell.colour)
    return Cell(one_line(text), colour)


def one_line(text: str) -> str:
    """The text without line breaks and without what could steer a terminal."""
    return Style.printable(" ".join(text.split()))


def _least(column: Column, natural: int) -> int:
    if column.least is None:
        return natural
    return min(natural, max(column.least, width(column.heading)))


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _shrunk(
    widths: dict[int, int], least: dict[int, int], room: int, columns: Sequence[Column]
) -> dict[int, int]:
    """Narrower columns; below their least width only where nothing else helps."""
    while _total(list(widths.values())) > room:
        able = [index for index in widths if widths[index] > least[index]] or list(widths)
        chosen = max(able, key=lambda index: (columns[index].leaves, widths[index]))
        if widths[chosen] <= 1:
            break
        widths[chosen] -= 1
    return widths


def _line(cells: Sequence[Cell], widths: dict[int, int], style: Style) -> str:
    line, gap = "", INDENT
    for index, room in widths.items():
        text = cut(cells[index].text, room)
        if text:
            line += gap + (style.paint(text, cells[index].colour) if cells[index].colour else text)
            gap = ""
        gap += " " * (room - width(text)) + _GAP
    return line


def width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, room: int) -> str:
    """The text where it fits; otherwise its beginning and an ellipsis."""
    if width(text) <= room:
        return text
    return _head(text, room - 1).rstrip() + _ELLIPSIS if room > 0 else ""


def cut_left(text: str, room: int) -> str:
    """The text where it fits; otherwise an ellipsis and its end."""
    taken = width(text)
    if taken <= room:
        return text
    position = 0
    while position < len(text) and taken > room - 1:
        taken -= _columns(text[position])
        position += 1
    return _ELLIPSIS + text[position:]


def _head(text: str, room: int) -> str:
    """The longest beginning that fits, at least one character."""
    taken = 0
    for position, character in enumerate(text):
        taken += _columns(character)
        if taken > room:
            return text[: max(position, 1)] if room > 0 else ""
    return text


def wrap(text: str, style: Style, first: str = "", rest: str = "") -> list[str]:
    """Lines no wider than the terminal; only a word that is wider than a line is broken."""
    lines = [first]
    empty = True
    for word in one_line(text).split(" "):
        if not empty and width(lines[-1]) + 1 + width(word) > style.width:
            lines.append(rest)
            empty = True
        lines[-1] += word if empty else f" {word}"
        empty = False
        while width(lines[-1]) > style.width:
            head = _head(lines[-1], style.width)
            tail = lines[-1][len(head) :]
            lines[-1:] = [head, rest + tail]
    return lines


def wrap_parts(first: str, second: str, style: Style) -> list[str]:
    """One line where both parts of a sentence fit; otherwise the second begins a new one."""
    whole = one_line(f"{first} {second}")
    if width(whole) <= style.width:
        return [whole]
    return [*wrap(first, style, rest="  "), *wrap(second, style, "  ", "  ")]
