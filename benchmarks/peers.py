"""The peers: check-jsonschema on the same documents, octoDNS on as many records."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.measure import Command

ZONES: Final = 10
"""Ten zones are faster for octoDNS than one zone of all records, or a hundred small ones."""

TYPES: Final = (
    "type: A\n  values:\n  - 192.0.2.{0}\n  - 198.51.100.{0}",
    "type: AAAA\n  value: 2001:db8::{0}",
    "type: CNAME\n  value: target-{0}.example.net.",
    "type: MX\n  values:\n  - exchange: mx-{0}.example.net.\n    preference: 10",
    "type: TXT\n  value: verification={0}",
)

_SETTINGS = """\
providers:
  wanted:
    class: octodns.provider.yaml.YamlProvider
    directory: {root}/wanted
    enforce_order: {ordered}
    escaped_semicolons: false
  present:
    class: octodns.provider.yaml.YamlProvider
    directory: {root}/present
    enforce_order: {ordered}
    escaped_semicolons: false
zones:
"""


def check_jsonschema(
    script: Path, schema: Path, directory: Path, files: Sequence[str]
) -> Iterator[Command]:
    """One command, or several where the file names are too long for one command line."""
    options = [str(script), "--schemafile", str(schema)]
    # The environment stands in the same space; half of it is left free.
    limit = os.sysconf("SC_ARG_MAX") // 2
    part: list[str] = []
    size = 0
    for file in files:
        size += len(file) + 1 + 8
        if size > limit:
            yield Command([*options, *part], directory, "ok -- validation done")
            part, size = [], 0
        part.append(file)
    yield Command([*options, *part], directory, "ok -- validation done")


def octodns(
    script: Path,
    root: Path,
    records: int,
    changed: int,
    zones: int = ZONES,
    *,
    ordered: bool = False,
) -> Command:
    """octoDNS's plan for records of which some changed; its target holds the unchanged ones."""
    names = [f"zone-{number:04}.example." for number in range(zones)]
    each = records // zones
    for side, revision in (("wanted", 1), ("present", 0)):
        (root / side).mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(names):
            lines = [
                _record(index, revision if index % (records // changed) == 0 else 0)
                for index in range(number * each, (number + 1) * each)
            ]
            (root / side / f"{name}yaml").write_text("---\n" + "".join(lines), encoding="utf-8")
    settings = _SETTINGS.format(root=root, ordered=str(ordered).lower()) + "".join(
        f"  {name}:\n    sources: [wanted]\n    targets: [present]\n" for name in names
    )
    (root / "octodns.yaml").write_text(settings, encoding="utf-8")
    summary = f"Updates={changed // zones}, Deletes=0"
    return Command([str(script), "--config-file", str(root / "octodns.yaml")], root, summary)


def _record(index: int, revision: int) -> str:
    value = TYPES[index % len(TYPES)].format(1 + (index + revision) % 250)
    return f"host-{index:05}:\n  ttl: 300\n  {value}\n"
