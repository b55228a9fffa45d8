"""Numbers of a thousand and more, as people read them."""

from __future__ import annotations

from pathlib import Path

from tests.command import aliconf, write
from tests.shops import PROJECT, REGISTRATION
from tests.test_large_plans import POLICY


def test_every_screen_separates_the_thousands(tmp_path: Path) -> None:
    policies = "".join(map(POLICY.format, range(1, 1200)))
    files = {"aliconf.yaml": PROJECT, "policies.yaml": policies, "registration.yaml": REGISTRATION}
    root = write(tmp_path, files)
    for arguments, line in (
        (("validate",), "no findings in 1,201 documents"),
        (("plan",), "Plan: 1,200 to create."),
        (("apply", "--yes"), "Apply: 1,200 done, 0 failed, 0 not tried."),
        (("plan",), "Not touched: 1,200 unchanged (--full lists them); 0 unmanaged."),
        (("plan", "--full"), "unchanged (1,200)"),
        (("drift",), "No drift: 1,200 unchanged; 0 unmanaged."),
        (("history",), "complete, 1,200 of 1,200"),
        (("connector", "check"), "  ImagePolicy   1,199    shop 1,199"),
        (("fmt", "--check"), "0 files would be formatted, 3 left unchanged"),
    ):
        ended = aliconf(*arguments, cwd=root)
        assert line in ended.out + ended.err, (arguments, (ended.out + ended.err)[-600:])
