"""Print pip constraints that pin each direct dependency to the lowest version it allows."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
extras = project["optional-dependencies"]
lowest = {}
for requirement in chain(project["dependencies"], extras["test"]):
    parts = re.fullmatch(r"([A-Za-z0-9.-]+)(?:\[[a-z0-9,]+\])?>=([0-9.]+)", requirement)
    if not parts:
        raise SystemExit(f"{requirement}: expected name>=version or name[extra]>=version")
    lowest[parts[1]] = parts[2]
print("\n".join(f"{name}=={version}" for name, version in sorted(lowest.items())))
