"""Hold a project's lease until killed: ``python -m benchmarks.holder URL ROOT PROJECT WHERE``.

``WHERE`` is ``here``, or ``elsewhere`` for a holder on another machine. Prints when it renewed the
lease last, in seconds since 1970 by the database's clock, once it has it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from aliconf.config.secrets import Resolver
from aliconf.connector.holder import this_holder
from aliconf.connector.lease import hold
from aliconf.connector.reader import open_reader
from aliconf.connector.urls import target


def main(url: str, root: str, project: str, where: str) -> None:
    store = target(url, Path(root), Resolver(Path(root)))
    holder = this_holder()
    if where == "elsewhere":
        holder = replace(holder, name="ops@elsewhere", process="")
    with hold(store, project, holder=holder):
        with open_reader(store) as reader:
            (lease,) = reader.leases()
        print(datetime.fromisoformat(lease.heartbeat_at).timestamp(), flush=True)
        time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
