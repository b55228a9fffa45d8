"""Documents as a careless hand writes them: any order, any indentation, comments everywhere.

The keys come from the JSON Schemas, so that every kind and every nested key turns up. Values are not
valid ones: a formatter must not care.

Every comment has a number of its own: ``# above 7 title`` stands above the key ``title``,
``# behind 8 title`` behind it on its line, and ``# stray 9`` anywhere.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from aliconf.model.schema import of_kind

Schema = dict[str, Any]

_TEXTS = (
    "12",
    "1.50",
    "-0.0",
    "1e3",
    "true",
    "No",
    "null",
    "~",
    "0x1F",
    "word",
    "two words",
    "a:b#c",
    "2026-11-27T00:00:00+01:00",
    "'it''s'",
    "''",
    "' # no comment '",
    '"tab\\t # no comment"',
    '"\\"quoted\\""',
    "é😀ß",
    "0 3 1 1 1",
)
_MULTI_LINE = (
    '"one\n{in}two  \n\n{in}\\  three \\\n{in}  four\\ \n{in}five"',
    "'one\n{in}it''s two\n\n\n{in}three'",
    "one two\n{in}three\n\n{in}   four - 5",
    '"one\n{in}\ttwo"',
)
_BODIES = (
    ["text"],
    ["text", "", "  deeper", "# no comment", "", "end  "],
    ["", "", "late"],
    ["key: value", "- item", "\ttab"],
    ["---x", "   ", "last", "", ""],
    [],
    ["", ""],
)


@cache
def schema_of(kind: str) -> Schema:
    return of_kind(kind)


def resolve(schema: Schema, root: Schema) -> list[Schema]:
    """The shapes that a schema allows."""
    if "$ref" in schema:
        return resolve(root["definitions"][schema["$ref"].rsplit("/", 1)[1]], root)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema and "properties" not in schema:
            return [shape for part in schema[keyword] for shape in resolve(part, root)]
    if "allOf" in schema and "properties" not in schema and len(schema["allOf"]) == 1:
        return resolve(schema["allOf"][0], root)
    kinds = schema.get("type")
    return [{**schema, "type": kind} for kind in kinds] if isinstance(kinds, list) else [schema]


class Sloppy:
    """Writes one document of a kind."""

    def __init__(self, random: Random, kind: str, *, anchors: bool = False) -> None:
        self.random = random
        self.root = schema_of(kind)
        self.kind = kind
        self.anchors: list[str] | None = [] if anchors else None
        self.numbers = 0
        self.after_block = False
        """Whether a comment that stands far in would be text of the block scalar above."""

    def document(self) -> str:
        lines = self.mapping([self.root], 0, depth=0)
        return "\n".join(lines) + "\n"

    def one_in(self, number: int) -> bool:
        return self.random.randrange(number) == 0

    def comment(self, kind: str, key: str = "") -> str:
        self.numbers += 1
        return f"# {kind} {self.numbers} {key}".rstrip()

    # -- blocks -----------------------------------------------------------------------------------

    def keys(self, shapes: list[Schema]) -> list[tuple[str, list[Schema]]]:
        """Some keys of a mapping of any of these shapes, in disorder."""
        shape = next((shape for shape in shapes if "properties" in shape), None)
        if shape is None:
            free = next((shape for shape in shapes if shape.get("type") == "object"), {})
            inner = free.get("additionalProperties") or {"type": "string"}
            below = resolve(inner, self.root) if isinstance(inner, dict) else [{}]
            names = self.random.sample(["z", "b-c", "EUR", "PLN", "a"], self.random.randint(1, 3))
            return [(name, below) for name in names]
        names = list(shape["properties"])
        chosen = [name for name in names if not self.one_in(3)] or names[:1]
        if self.one_in(4):
            chosen += self.random.sample(["unknown", "zzz", "aaa"], 2)
        self.random.shuffle(chosen)
        return [(name, resolve(shape["properties"].get(name, {}), self.root)) for name in chosen]

    def mapping(self, shapes: list[Schema], indent: int, depth: int) -> list[str]:
        keys = self.keys(shapes)
        if depth == 0:
            keys = [(name, below) for name, below in keys if name not in {"apiVersion", "kind"}]
            keys += [("apiVersion", []), ("kind", [])]
            self.random.shuffle(keys)
        lines: list[str] = []
        for number, (name, below) in enumerate(keys):
            # What stands above the first key of a document may belong to the document.
            lines += self.above(name if depth or number else "", indent)
            lines += self.pair(name, below, indent, depth)
        if self.anchors and depth and self.one_in(4):
            lines.append(f"{' ' * indent}<<: *{self.random.choice(self.anchors)}map")
        return lines

    def above(self, name: str, indent: int) -> list[str]:
        lines = [self.white() for _ in range(self.random.choice([0, 0, 0, 0, 1, 3]))]
        if self.one_in(8) and not self.after_block:
            lines.append(" " * self.random.randrange(12) + self.comment("stray"))
        if self.one_in(3):
            column = indent if self.one_in(2) else self.random.randint(0, indent)
            kind = "above" if name else "stray"
            lines.append(" " * column + self.comment(kind, name) + self.white())
            if self.one_in(4):
                lines.append(self.white())
        return lines

    def white(self) -> str:
        return self.random.choice(["", "", " ", "   "]) if not self.after_block else ""

    def pair(self, name: str, shapes: list[Schema], indent: int, depth: int) -> list[str]:
        self.after_block = False
        key = self.random.choice([name, name, name, f'"{name}"', f"'{name}'"])
        start = f"{' ' * indent}{key}{self.random.choice(['', '', '', ' '])}:"
        if depth == 0 and name == "apiVersion":
            return [self.simple(start, "aliconf/v1", name)]
        if depth == 0 and name == "kind":
            return [self.simple(start, self.kind, name)]
        return self.value(start, name, shapes, indent, depth)

    def value(
        self, start: str, name: str, shapes: list[Schema], indent: int, depth: int
    ) -> list[str]:
        kinds = {shape.get("type") for shape in shapes}
        if depth > 6 or self.one_in(12):
            return self.scalar(start, name, indent)
        if "object" in kinds and (not self.one_in(4) or "array" not in kinds):
            if self.one_in(4):
                return self.flow(start, name, shapes, indent, depth)
            return self.nested(start, name, indent, lambda at: self.mapping(shapes, at, depth + 1))
        if "array" in kinds:
            if self.one_in(3):
                return self.flow(start, name, shapes, indent, depth)
            shape = next(shape for shape in shapes if shape.get("type") == "array")
            items = resolve(shape.get("items", {}), self.root)
            return self.nested(start, name, indent, lambda at: self.sequence(items, at, depth), 0)
        return self.scalar(start, name, indent)

    def nested(self, start: str, name: str, indent: int, body: Any, least: int = 1) -> list[str]:
        anchor = ""
        if self.anchors is not None and self.one_in(4):
            anchor = f"a{self.numbers}x{len(self.anchors)}"
            start += f" &{anchor}" + ("map" if least else "")
        if self.one_in(4):
            start += f"  {self.comment('behind', name)}"
        elif self.one_in(3):
            start += self.white()
        lines = [start, *body(indent + self.random.randint(least, 4))]
        if self.one_in(8) and not self.after_block:
            lines.append(" " * self.random.randrange(12) + self.comment("stray"))
        if anchor and least and self.anchors is not None:
            self.anchors.append(anchor)
        return lines

    def sequence(self, items: list[Schema], indent: int, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 3)):
            lines += self.above("", indent)
            self.after_block = False
            dash = " " * indent + "-"
            compact = any("properties" in shape or shape.get("type") == "object" for shape in items)
            if compact and not self.one_in(4):
                dash += " " * self.random.randint(1, 3)
                inner = self.mapping(items, len(dash), depth + 1)
                first = next((at for at, line in enumerate(inner) if not _is_note(line)), None)
                if first == 0:
                    lines += [dash + inner[0][len(dash) :], *inner[1:]]
                else:
                    lines += [dash.rstrip() + self.white(), *inner]
            else:
                lines += self.value(dash, "", items, indent, depth + 1)
        return lines

    # -- scalars ----------------------------------------------------------------------------------

    def simple(self, start: str, text: str, name: str) -> str:
        gap = self.random.choice([" ", " ", "   ", " " if start.endswith("-") else "\t"])
        line = f"{start}{gap}{text}" if text else start
        if self.one_in(3):
            gap = self.random.choice([" ", "   ", "\t" if text else "  "])
            return line + gap + self.comment("behind", name)
        return line + self.random.choice(["", "", " ", "\t" if text else " "])

    def scalar(self, start: str, name: str, indent: int) -> list[str]:
        choice = self.random.randrange(12)
        if choice == 0:
            lines = [self.simple(start, "", name)]
            if self.one_in(2):
                lines.append(" " * (indent + self.random.randint(1, 5)) + self.comment("stray"))
            return lines
        if choice == 1:
            return self.block(start, name, indent)
        if choice == 2:
            text = self.random.choice(_MULTI_LINE)
            text = text.replace("{in}", " " * (indent + self.random.randint(1, 6)))
            return f"{start} {text}".split("\n")
        if choice == 3:
            line = f"{' ' * (indent + self.random.randint(1, 5))}{self.random.choice(_TEXTS)}"
            return [f"{start}{self.white()}", line]
        if choice == 4 and self.anchors is not None:
            if self.anchors and self.one_in(2):
                return [self.simple(start, f"*{self.random.choice(self.anchors)}map", name)]
            return [self.simple(start, "&plain  !!str text", name)]
        return [self.simple(start, self.random.choice(_TEXTS), name)]

    def block(self, start: str, name: str, indent: int) -> list[str]:
        body = self.random.choice(_BODIES)
        step = self.random.randint(1, 4)
        header = self.random.choice("|>")
        first = next((line for line in body if line.strip()), "")
        if first.startswith(" ") or self.one_in(3):
            header += str(step)
        header += self.random.choice(["", "-", "+"])
        lines = [self.simple(start, header, name).rstrip()]
        lines += [" " * (indent + step) + line if line else "" for line in body]
        self.after_block = True
        return lines

    # -- flow -------------------------------------------------------------------------------------

    def flow(
        self, start: str, name: str, shapes: list[Schema], indent: int, depth: int
    ) -> list[str]:
        broken = self.one_in(3)
        text = self.brackets(shapes, depth, "\n" + " " * (indent + 2) if broken else None)
        return self.simple(start, text, "" if broken else name).split("\n")

    def brackets(self, shapes: list[Schema], depth: int, end: str | None) -> str:
        """A collection in brackets; ``end`` is a line end with indentation where there may be one."""
        parts: list[str] = []
        gap = self.random.choice(["", " "])
        mapping = next((shape for shape in shapes if shape.get("type") == "object"), None)
        if mapping is not None:
            for name, below in self.keys(shapes):
                parts.append(
                    f"{name}{self.random.choice([': ', ' : '])}" + self.part(below, depth, end)
                )
        else:
            array = next((shape for shape in shapes if shape.get("type") == "array"), {})
            items = resolve(array.get("items", {}), self.root)
            parts = [self.part(items, depth, end) for _ in range(self.random.randint(0, 3))]
        text = ""
        for number, part in enumerate(parts, 1):
            comma = "," if number < len(parts) or self.one_in(4) else ""
            text += gap + part + comma
            if end is not None:
                if self.one_in(4):
                    text += f" {self.comment('stray')}{end}"
                elif self.one_in(2):
                    text += end + (f"{self.comment('stray')}{end}" if self.one_in(4) else "")
        opening, closing = "{}" if mapping is not None else "[]"
        return opening + text + gap + closing

    def part(self, shapes: list[Schema], depth: int, end: str | None) -> str:
        kinds = {shape.get("type") for shape in shapes}
        if kinds & {"object", "array"} and depth < 4:
            return self.brackets(shapes, depth + 1, end)
        return self.random.choice([text for text in _TEXTS if "," not in text])


def _is_note(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
