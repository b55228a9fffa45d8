"""The canonical layout of a document's tree.

Two spaces of indentation, also for the items of a list below their key; one space behind ``:`` and
``-``; no white space at line ends; no two blank lines in a row. Scalars, comments, the line breaks
of collections in brackets and the distance to a comment on the same line stay as they are.
"""

from __future__ import annotations

from aliconf.config.layout.tokens import BLOCK_STYLES, Token
from aliconf.config.layout.tree import BLANK, Block, Entry, Flow, Scalar, Tree

STEP = 2


class Page:
    """The lines of a text as they are written."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.open = False
        """Whether a blank line now would become part of the value above (``|+``)."""

    def line(self, text: str) -> None:
        self.lines.append(text.rstrip(" \t"))
        self.open = False

    def blank(self) -> None:
        """One blank line, unless there is one already or nothing to part."""
        if self.lines and self.lines[-1] and not self.open:
            self.lines.append("")

    def notes(self, lines: list[str], indent: int) -> None:
        """Comments and blank lines."""
        for line in lines:
            if line == BLANK:
                self.blank()
            else:
                self.line(" " * indent + line)

    def document(self, tree: Tree, marker: str) -> None:
        """A document behind its marker: ``---``, or empty where it opens a file."""
        root = tree.root
        if isinstance(root.value, Block):
            header = _header(marker, root)
            if header:
                self.line(header)
            self.notes(tree.head, 0)
            self._entries(root.value, 0)
        else:
            self._inline(root, marker, -STEP)
        self.notes(tree.foot, 0)

    def _entries(self, block: Block, indent: int) -> None:
        for entry in block.entries:
            self._entry(entry, indent)
        self.notes(block.foot, indent)

    def _entry(self, entry: Entry, indent: int, before: str = "") -> None:
        """An entry of a block; ``before`` are the dashes that its first line already has."""
        if not before:
            self._leads(entry, indent)
        start = (before or " " * indent) + ("-" if entry.key is None else f"{entry.key}:")
        if not isinstance(entry.value, Block):
            self._inline(entry, start, indent)
            self._tail(entry, indent)
        elif _compact(entry):
            first, *others = entry.value.entries
            self._entry(first, indent + STEP, start + " ")
            for other in others:
                self._entry(other, indent + STEP)
            self.notes(entry.value.foot, indent + STEP)
        else:
            self.line(_header(start, entry))
            self._entries(entry.value, indent + STEP)

    def _leads(self, entry: Entry, indent: int) -> None:
        """Comments above an entry, and those above what stands on its line."""
        self.notes(entry.lead, indent)
        if isinstance(entry.value, Block) and _compact(entry):
            self._leads(entry.value.entries[0], indent)

    def _inline(self, entry: Entry, start: str, indent: int) -> None:
        """A value that begins on the line of its key, or alone on the next one."""
        value = entry.value
        text = _header(start, entry)
        block = isinstance(value, Scalar) and value.token.style in BLOCK_STYLES
        # An item goes to its dash; below its key, a long text may have been put on purpose.
        below = not block and (entry.key is not None or indent < 0)
        if entry.breaks and (entry.remark or entry.between or below):
            if text:
                self.line(text)
            self.notes(entry.between, indent + STEP)
            if _empty(entry):  # a tag alone
                self.notes([entry.comment.text] if entry.comment else [], indent + STEP)
                return
            text = " " * (indent + STEP)
        elif text and not _empty(entry):
            text += " "
        if isinstance(value, Flow):
            alone = text.isspace() or entry.key is None
            text = self._flow(value, text, indent + STEP if alone else indent)
        elif isinstance(value, Scalar) and block:
            self._block_scalar(value, text, indent)
            return
        elif isinstance(value, Scalar):
            text = self._scalar(value.token, text, indent + STEP)
        self.line(text + _behind(entry.comment))

    def _scalar(self, token: Token, text: str, least: int) -> str:
        """Write all lines of a scalar but the last, which is returned."""
        first, *others = token.text.split("\n")
        shift = len(text) - token.column
        text += _trimmed(first, token.style) if others else first
        for line in others:
            self.lines.append(text)
            content = line.lstrip(" \t")
            indent = max(least, len(line) - len(content) + shift)
            content = _trimmed(content, token.style)
            text = " " * indent + content if content else ""
        return text

    def _block_scalar(self, value: Scalar, text: str, indent: int) -> None:
        token = value.token
        self.line(text + token.text)
        explicit = token.text.partition("#")[0].strip("|>+- ")
        inside = " " * (indent + (int(explicit) if explicit else STEP))
        self.lines += [inside + line if line else "" for line in token.body]
        self.open = value.keeps_blank_lines

    def _flow(self, flow: Flow, text: str, indent: int) -> str:
        """Write all lines of a collection in brackets but the last, which is returned."""
        brackets = ("{}" if flow.mapping else "[]") if flow.brackets else ("", "")
        broken = flow.broken and flow.brackets
        text += brackets[0] + _behind(flow.remark)
        inside = indent + STEP if broken else indent
        follows = True
        for entry in flow.entries:
            last = entry is flow.entries[-1]
            if broken and (follows or entry.breaks or entry.lead):
                self.line(text)
                self.notes(entry.lead, inside)
                text = " " * inside
            elif entry is not flow.entries[0]:
                text += " "
            text = self._flow_entry(entry, text, inside)
            if not last or (broken and flow.comma):
                text += ","
            if entry.comment:
                text = text.rstrip() + _behind(entry.comment)
            follows = entry.comment is not None
        if broken:
            self.line(text)
            self.notes(flow.foot, inside)
            text = " " * indent
        return text + brackets[1]

    def _flow_entry(self, entry: Entry, text: str, indent: int) -> str:
        if entry.key is not None:
            # `{a:}` is not a mapping to libyaml, `{a: }` is.
            text += f"{entry.key}: " if entry.colon else entry.key
        for word in entry.properties:
            text += f"{word} "
        if isinstance(entry.value, Flow):
            return self._flow(entry.value, text, indent)
        assert isinstance(entry.value, Scalar)
        return self._scalar(entry.value.token, text, indent + STEP)

    def _tail(self, entry: Entry, indent: int) -> None:
        if not entry.tail:
            return
        shift = indent - entry.column
        if _empty(entry):
            shift = indent + STEP - entry.tail[0].column
        elif entry.comment is not None and entry.tail[0].column == entry.comment.column:
            shift = len(self.lines[-1]) - len(entry.comment.text) - entry.comment.column
        for token in entry.tail:
            self.notes([BLANK] if token.breaks > 1 else [], 0)
            self.line(" " * max(indent + STEP, token.column + shift) + token.text)


def _header(start: str, entry: Entry) -> str:
    words = [start, *entry.properties] if start else entry.properties
    return " ".join(words) + _behind(entry.remark)


def _behind(comment: Token | None) -> str:
    return " " * max(comment.gap, 1) + comment.text if comment else ""


def _compact(entry: Entry) -> bool:
    """Whether a collection begins on the line of its dash."""
    return entry.key is None and not entry.properties and entry.remark is None


def _empty(entry: Entry) -> bool:
    return isinstance(entry.value, Scalar) and not entry.value.token.text


def _trimmed(line: str, style: str) -> str:
    """A line of a scalar without white space at its end, unless that is escaped."""
    short = line.rstrip(" \t")
    escapes = len(short) - len(short.rstrip("\\"))
    return line[: len(short) + 1] if style == '"' and escapes % 2 else short
