"""The five system-generated policies: documents like any other, shipped with aliconf.

The connector gets them once, together with its first account (connector-domain §5).
"""

from __future__ import annotations

from pathlib import Path

from aliconf.model.base import Document
from aliconf.model.kinds import KINDS, POLICY_KINDS


def paths() -> list[Path]:
    """The five files, in dependency order of their kinds."""
    folder = Path(__file__).parent
    return [folder / f"{kind.removesuffix('Policy').lower()}.yaml" for kind in POLICY_KINDS]


def generated() -> list[Document]:
    """The documents, in dependency order of their kinds."""
    import yaml

    return [
        KINDS[kind].model_validate(yaml.load(path.read_bytes(), yaml.CSafeLoader))
        for kind, path in zip(POLICY_KINDS, paths(), strict=True)
    ]
