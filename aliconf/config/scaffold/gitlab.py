"""GitLab runs one file of a repository; it takes in those of all projects and environments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = ".gitlab-ci.yml"
_STAGES: Final = ("test", "deploy")
"""Of the jobs. Where a file lists no stages, GitLab's own have both."""
_LIST: Final = "tag:yaml.org,2002:seq"
"""And not a ``!reference``."""


def left_in(root_file: Path, name: str) -> str:
    """What a `.gitlab-ci.yml` that is there lacks for a file of the repository; empty for nothing.

    A file that cannot be read is said to lack the line that takes the other in.
    """
    top = _mapping(root_file)
    lacking = []
    if not any(_fits(pattern, name) for pattern in _included(top.get("include"))):
        lacking.append(f"take the new file in, under include: `- local: /{name}`")
    stages = top.get("stages")
    if isinstance(stages, yaml.SequenceNode) and stages.tag == _LIST:
        listed = [node.value for node in stages.value]
        lacking += [f"add the stage {stage}" for stage in _STAGES if stage not in listed]
    return "; ".join(lacking)


def _mapping(file: Path) -> dict[str, Any]:
    """The keys of the file and their nodes. Nodes, because `!reference` and others are GitLab's."""
    try:
        with file.open(encoding="utf-8-sig") as text:
            documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return {}
    top = documents[-1] if documents else None  # what comes before has the inputs of a component
    if not isinstance(top, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in top.value if isinstance(key, yaml.ScalarNode)}


def _included(node: Any) -> Iterator[str]:
    """The files of the repository that are taken in, as they are written."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _included(item)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "local":
                yield from _included(value)
    elif isinstance(node, yaml.ScalarNode):
        yield node.value


def _fits(pattern: str, name: str) -> bool:
    """``*`` is a part of a name and ``**`` any directories, as GitLab's documentation says."""
    parts = re.split(r"(\*\*|\*)", pattern.removeprefix("/"))
    meant = {"**": ".*", "*": "[^/]*"}
    return bool(re.fullmatch("".join(meant.get(part, re.escape(part)) for part in parts), name))
