"""What was seen of a store, for programs: JSON, versioned; docs/json.md describes it."""

from __future__ import annotations

import json
from typing import Final

from aliconf.connector.inspection import Inspection
from aliconf.connector.schema import REVISIONS
from aliconf.findings import has_errors
from aliconf.report import lease_text
from aliconf.report.findings_data import as_data

JSON_VERSION: Final = 1


def to_json(seen: Inspection) -> str:
    server = seen.server
    data = {
        "format": "aliconf/connector-check",
        "version": JSON_VERSION,
        "connector": {
            "location": seen.store.display,
            "id": seen.connector_id or None,
            "created": seen.created or None,
        },
        "sound": not has_errors(seen.findings),
        "server": {
            "product": server.product,
            "release": server.version,
            "encryption": server.encryption,
            "user": server.user,
            "database": server.database,
            "schema": server.schema,
            "prefix": seen.store.names.prefix or None,
            "clockAhead": round(seen.clock, 3),
        },
        "schemaVersion": seen.revision or None,
        "schemaNeeded": REVISIONS[-1],
        "tables": list(seen.tables),
        "documented": seen.documented,
        "missingTriggers": None if seen.guards is None else list(seen.guards),
        "mayApply": seen.may_apply,
        "objects": [
            {"kind": one.kind, "project": one.project, "count": one.objects} for one in seen.objects
        ],
        "defaults": [{"kind": kind, "policy": policy} for kind, policy in seen.defaults.items()],
        "reserved": seen.reserved,
        "journal": seen.journal,
        "runs": seen.runs,
        "secrets": seen.secrets,
        "leases": [lease_text.as_data(lease) for lease in seen.leases],
        "cutOff": [
            {"id": run.id, "project": run.project, "actor": run.actor, "startedAt": run.started}
            for run in seen.cut_off
        ],
        "findings": [as_data(finding) for finding in seen.findings],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)
