"""Whether a file belongs to a configuration, without reading the configuration.

A configuration may be broken, or there may be none where a command looks for it; its files are
not to be overwritten all the same.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from aliconf.config.discover import LOCK_FILE, PROJECT_FILE

_YAML: Final = frozenset({".yaml", ".yml"})
_LIKE_OURS: Final = re.compile(r"""^(?:\{\s*)?["']?(?:apiVersion|kind)["']?\s*:""", re.MULTILINE)
"""How a document begins. Whoever includes files without a suffix of YAML hardly indents them."""
_LOOKED_AT: Final = 65_536
"""Bytes of a file without such a suffix: a report may have many megabytes."""


def is_of_a_configuration(path: Path) -> bool:
    """Whether a file that is there is a project's own, a lock file, or has a document of ours.

    Of a link its target counts. Raises OSError.
    """
    target = path.resolve()
    if not target.is_file():
        return False
    if target.name == PROJECT_FILE or LOCK_FILE.fullmatch(target.name):
        return True
    if target.suffix not in _YAML and not _LIKE_OURS.search(_text(target, _LOOKED_AT)):
        return False
    text = _text(target)
    from aliconf.config.load import is_ours
    from aliconf.config.yaml import parse
    from aliconf.config.yaml_values import Problem, RawDocument

    parts = list(parse(text))
    documents = [part for part in parts if isinstance(part, RawDocument)]
    return is_ours(documents, [part for part in parts if isinstance(part, Problem)], text)


def _text(path: Path, most: int = -1) -> str:
    with path.open("rb") as file:
        return file.read(most).decode("utf-8-sig", "replace")
