"""What ``doctor`` says: the system check over what the project declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from aliconf.config.documents import LoadedDocument
from aliconf.findings import Location
from aliconf.model.project import ProjectSpec, SystemCheck
from aliconf.rules.system_check import Check, judge


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The three checks, who declared the values and when."""

    project: str
    checks: tuple[Check, ...]
    by: str = ""
    on: str = ""
    """A date such as ``2026-11-02``; empty where none is given, and so is ``by``."""
    location: Location | None = None
    """Where they are declared; None where nothing is."""

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def declared(self) -> bool:
        """Whether any of the three values is."""
        return any(check.declared for check in self.checks)

    @property
    def declaration(self) -> str:
        """``declared by operations on 2026-11-02``."""
        by = f" by {self.by}" if self.by else ""
        return f"declared{by}" + (f" on {self.on}" if self.on else "")


def diagnose(project: LoadedDocument) -> Diagnosis:
    """The diagnosis of a project whose own document has no structure findings."""
    settings = cast("ProjectSpec", project.spec)
    declared = settings.system_check or SystemCheck()
    return Diagnosis(
        project.name,
        tuple(judge(settings)),
        declared.by or "",
        declared.on.isoformat() if declared.on else "",
        project.locate("spec", "systemCheck", key=True) if settings.system_check else None,
    )
