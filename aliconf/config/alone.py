"""The project's own document without the rest of its configuration.

What looks at the connector alone needs no other document, and reading them takes a large project a
while.
"""

from __future__ import annotations

from pathlib import Path

from aliconf.config.configuration import Configuration
from aliconf.config.discover import PROJECT_FILE
from aliconf.config.load import Loader


def project_alone(root: Path) -> Configuration:
    """A configuration of the documents in ``aliconf.yaml``, findings included."""
    configuration = Configuration(root)
    Loader(configuration).add(root / PROJECT_FILE, ours=True)
    return configuration


def alone_in(base: Configuration, name: str) -> Configuration:
    """The same in an environment. Its own document has to be sound.

    Raises AliconfError (ALI957) where there is no such environment.
    """
    from aliconf.config.environments import InForce, environment_of
    from aliconf.config.in_force import ProjectDocument

    settings = environment_of(base, name)
    assert base.project is not None
    found = Configuration(base.root, now=base.now)
    found.findings = list(base.findings)
    found.add(ProjectDocument(base.project, name, settings, {}))
    found.environment = InForce(name, settings, base, {}, {}, [])
    return found
