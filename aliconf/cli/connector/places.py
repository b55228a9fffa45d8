"""Stores that are named on the command line and not by a project."""

from __future__ import annotations

from pathlib import Path

from aliconf.config.discover import find_root
from aliconf.config.secrets import Resolver
from aliconf.connector.urls import Target, target
from aliconf.findings import AliconfError


def store_at(url: str, argument: str, directory: Path) -> Target:
    """The store of a connector URL; connects to nothing.

    Relative paths start at the root of the project, or at the directory where there is no project.
    Raises ALI915, which names the argument.
    """
    try:
        root = find_root(directory)
    except AliconfError:
        root = directory.resolve()
    try:
        return target(url, root, Resolver(root))
    except AliconfError as error:
        error.findings = tuple(
            finding._replace(message=f"{argument}: {finding.message}") for finding in error.findings
        )
        raise
