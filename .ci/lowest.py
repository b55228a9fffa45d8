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
    name, _, version = requirement.partition(">=")
    if not re.fullmatch(r"[0-9.]+", version):
        raise SystemExit(f"{requirement}: expected name>=version")
    lowest[name] = version
print("\n".join(f"{name}=={version}" for name, version in sorted(lowest.items())))
