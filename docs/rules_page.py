"""Write ``rules.md`` from the pages of the codes: ``python -m docs.rules_page``.

What stands below the marker at its end is written by hand and kept.
"""

from __future__ import annotations

import re
from pathlib import Path

from aliconf.rules.catalogue import choosable_rules
from aliconf.rules.pages import codes, page, titles

FILE = Path(__file__).parent / "rules.md"
MARKER = "<!-- From here on, this page is written by hand. -->\n"

INTRODUCTION = """\
# Codes

Every finding has a code; `aliconf explain CODE` prints its page. This file comes from the same
pages: `make docs`.

A code with a severity is a **rule**: a project can choose another severity for it, or ignore single
findings, with a reason and until a day.

```yaml
apiVersion: aliconf/v1
kind: Project
metadata: {name: shop}
spec:
  rules:
    ALI214: off
    ALI215: error
    ignore:
      - code: ALI213
        object: Account/de
        reason: our account manager confirmed Germany
        until: 2127-01-31
```

The other codes cannot be switched off: without sound YAML and structure there is nothing to check,
and what must never change does not change by a setting.
"""

FAMILIES = {
    "ALI1": "YAML and structure",
    "ALI2": "References and identity",
    "ALI3": "What policies mean",
    "ALI4": "Limits of the marketplace",
    "ALI5": "What never changes, and guardrails",
    "ALI6": "Facts",
    "ALI7": "System check",
    "ALI9": "Environment",
}


def rules() -> str:
    """The whole text, with the part by hand as it stands in the file."""
    generated = "\n".join([INTRODUCTION, *(_family(*family) for family in FAMILIES.items())])
    by_hand = FILE.read_text(encoding="utf-8").partition(MARKER)[2] if FILE.exists() else ""
    return f"{generated}\n{MARKER}{by_hand}"


def _family(prefix: str, title: str) -> str:
    severities = {rule.code: rule.severity.value for rule in choosable_rules()}
    here = [code for code in codes() if code.startswith(prefix)]
    if not here:
        return ""
    rows = [
        f"| [{code}](#{code.lower()}) | {severities.get(code, '')} | {titles()[code]} |"
        for code in here
    ]
    table = ["| Code | Rule | |", "|---|---|---|", *rows]
    return "\n".join([f"## {title}", "", *table, "", *map(_section, here)])


def _section(code: str) -> str:
    """The page one level down; its heading is the code, so that links to it stay short."""
    heading, _, body = (page(code) or "").partition("\n")
    title = heading.removeprefix(f"# {code} ")
    body = re.sub(r"^## (Bad|Good)$", r"\1:", body, flags=re.MULTILINE)
    return f"### {code}\n\n**{title}**\n{body}"


def main() -> None:
    FILE.write_text(rules(), encoding="utf-8")


if __name__ == "__main__":
    main()
