"""Findings as GitLab's code quality report: the JSON of Code Climate, which merge requests show."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from aliconf.findings import Finding, Severity

Relative = Callable[[str], str]

_SEVERITY: Final = {
    Severity.ERROR: "critical",
    Severity.WARNING: "minor",
    Severity.NOTE: "info",
}
_LINE: Final = re.compile(r"\bline \d+|:\d+(?::\d+)?\b")
"""Where a message names a line, which moves when a line above it comes or goes."""


def to_gitlab(findings: Sequence[Finding], project_file: str, relative: Relative) -> str:
    """The report; what has no place of its own is shown at the first line of the project's file.

    A fingerprint stays the same when lines move, and tells equal findings of a file apart by their
    order.
    """
    seen: Counter[str] = Counter()
    issues = []
    for finding in findings:
        path = relative(finding.location.file if finding.location else project_file)
        same = "\0".join((finding.code, path, finding.object, _LINE.sub("line", finding.message)))
        seen[same] += 1
        identity = f"{same}\0{seen[same]}".encode(errors="surrogatepass")
        subject = f"{finding.object}: " if finding.object else ""
        hint = f". {finding.hint}" if finding.hint else ""
        issues.append(
            {
                "description": f"{subject}{finding.message}{hint}",
                "check_name": finding.code,
                "fingerprint": sha256(identity).hexdigest(),
                "severity": _SEVERITY[finding.severity],
                "location": {
                    "path": path,
                    "lines": {"begin": finding.location.line if finding.location else 1},
                },
            }
        )
    return json.dumps(issues, indent=2)
