"""The page of a plan in a real browser: its search, its print, its two colour schemes."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from aliconf.findings import Finding, Severity
from aliconf.plan.cause import Cause, Since
from aliconf.plan.changes import Action, Change, FieldChange, Plan
from aliconf.report import plan_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PDFTOTEXT = shutil.which("pdftotext")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs the browser chromium")
needs_pdftotext = pytest.mark.skipif(PDFTOTEXT is None, reason="needs pdftotext of poppler-utils")


def change(action: Action, kind: str, name: str, value: str) -> Change:
    return Change(action, kind, name, name, (FieldChange("title", "before", value),))


CHANGES = (
    change(Action.UPDATE, "PricingPolicy", "markup", "fifteen"),
    change(Action.CREATE, "Account", "es", "spain"),
    change(Action.DELETE, "ImagePolicy", "large", "none"),
    change(Action.UPDATE, "OrderPolicy", "paid", "zebra"),
)
HTML = plan_html.render(Plan("shop", "connector.db", "c-1", CHANGES))


def chromium(root: Path, html: str, *options: str) -> str:
    """What the browser prints of a page; the sandbox needs rights that a container lacks."""
    assert CHROMIUM is not None
    (root / "page.html").write_text(html, encoding="utf-8")
    always = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={root / 'profile'}")
    command = [CHROMIUM, *always, *options, (root / "page.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def changeable(html: str) -> str:
    """The page with a policy that allows another script and another style than its own."""
    changed, amount = re.subn(r"(script|style)-src \S+;", r"\1-src 'unsafe-inline';", html)
    assert amount == 2
    return changed


def visited(root: Path, actions: str, html: str = HTML) -> str:
    """The page after a script has done what a visitor does; nothing else of it is changed."""
    html = html.replace("</body>", f"<script>{actions}</script></body>")
    return chromium(root, changeable(html), "--virtual-time-budget=2000", "--dump-dom")


TYPED = """
const typed = document.getElementById("text");
typed.value = "%s";
typed.dispatchEvent(new Event("input", {bubbles: true}));
"""


def rows(page: str) -> list[tuple[str, str]]:
    """The attributes and the name of each change."""
    return re.findall(r'<details class="change"([^>]*)>.*?<b>(.*?)</b>', page, re.DOTALL)


def names(page: str) -> list[str]:
    """The changes that are to be seen."""
    return [name for attributes, name in rows(page) if "hidden" not in attributes]


def opened(page: str) -> list[str]:
    """The changes that are unfolded."""
    return [name for attributes, name in rows(page) if "open" in attributes]


def shown(page: str) -> str:
    (words,) = re.findall(r'<span id="shown" role="status">(.*?)</span>', page)
    return str(words)


ALL = ["PricingPolicy/markup", "Account/es", "ImagePolicy/large", "OrderPolicy/paid"]


def test_the_page_may_run_its_own_script_and_shows_all_changes(tmp_path: Path) -> None:
    page = chromium(tmp_path, HTML, "--dump-dom")
    assert sorted(names(page)) == sorted(ALL)
    assert shown(page) == "4 of 4 shown"
    (form,) = re.findall("<form id=.filter.[^>]*>", page)
    assert "hidden" not in form


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("markup", ["PricingPolicy/markup"]),
        ("ZEBRA", ["OrderPolicy/paid"]),
        ("policy update", ["PricingPolicy/markup", "OrderPolicy/paid"]),
        ("nowhere", []),
    ],
)
def test_a_search_leaves_the_changes_with_all_its_words(
    tmp_path: Path, words: str, found: list[str]
) -> None:
    page = visited(tmp_path, TYPED % words)
    assert sorted(names(page)) == sorted(found)
    assert shown(page) == f"{len(found)} of 4 shown"


def test_a_box_that_is_not_checked_hides_its_changes_and_the_rest_can_be_opened(
    tmp_path: Path,
) -> None:
    actions = """
        document.querySelector("input[value=update]").click();
        document.getElementById("open").click();
        setTimeout(() => document.getElementById("open").click(), 500);
    """
    page = visited(tmp_path, actions)
    assert sorted(names(page)) == ["Account/es", "ImagePolicy/large"]
    assert shown(page) == "2 of 4 shown"
    attributes = re.findall(r'<details class="change"([^>]*)>', page)
    assert sum("open" in found and "hidden" not in found for found in attributes) == 2


def test_what_cannot_be_taken_back_and_what_was_found_is_open_from_the_start(
    tmp_path: Path,
) -> None:
    region = (FieldChange("region", None, "FR"),)
    plan = Plan(
        "shop",
        "connector.db",
        "c-1",
        (
            *CHANGES,
            Change(Action.CREATE, "Account", "fr", "fr", region),
            change(Action.MOVE, "OrderPolicy", "unpaid", "by hand"),
        ),
        findings=(
            Finding(
                "ALI350", Severity.WARNING, "says `12` still", None, "", "PricingPolicy/markup"
            ),
            Finding("ALI214", Severity.WARNING, "2 accounts"),
        ),
    )
    html = plan_html.render(plan)
    assert opened(html) == ["PricingPolicy/markup", "ImagePolicy/large", "Account/fr"]
    assert '<p class="look">says <code>12</code> still</p>' in html
    assert html.count('<small class="look">') == 1

    page = visited(tmp_path, 'document.getElementById("close").click();', html)
    assert opened(page) == []


def test_of_many_deletions_the_first_are_open() -> None:
    gone = tuple(change(Action.DELETE, "ImagePolicy", f"i{n}", "none") for n in range(10_000))
    assert opened(plan_html.render(Plan("shop", "connector.db", "c-1", gone))) == [
        f"ImagePolicy/i{number}" for number in range(50)
    ]


@pytest.mark.parametrize(
    ("unchecked", "found"),
    [
        ("branch", ["Account/es", "ImagePolicy/large", "OrderPolicy/paid"]),
        ("elsewhere", ["PricingPolicy/markup", "OrderPolicy/paid"]),
    ],
)
def test_changes_that_are_not_from_this_branch_can_be_hidden_or_looked_at_alone(
    tmp_path: Path, unchecked: str, found: list[str]
) -> None:
    """One that comes from it in part is shown with both."""
    causes = (Cause.BRANCH, Cause.DRIFT, None, Cause.BRANCH)
    changes = [
        replace(one, cause=cause, fields=tuple(field._replace(cause=cause) for field in one.fields))
        for one, cause in zip(CHANGES, causes, strict=True)
    ]
    drifted = FieldChange("prefix", "A", "B", cause=Cause.DRIFT)
    changes[3] = replace(changes[3], fields=(*changes[3].fields, drifted))
    since = Since("main", "7a36dda", branch=2, partly=1, drift=1, unknown=1)
    html = plan_html.render(Plan("shop", "connector.db", "c-1", tuple(changes), since=since))

    page = visited(tmp_path, f'document.querySelector("input[value={unchecked}]").click();', html)

    assert names(page) == [name for name in ALL if name in found]
    assert shown(page) == f"{len(found)} of 4 shown"
    sides = re.findall(r'name="from" value="(\w+)" checked="">\s*(.*?) <span[^>]*>(\d)', page)
    assert sides == [("branch", "this branch", "2"), ("elsewhere", "not this branch", "3")]


def test_where_all_is_from_this_branch_there_is_nothing_to_hide(tmp_path: Path) -> None:
    fields = (FieldChange("title", "before", "after", cause=Cause.BRANCH),)
    update = replace(CHANGES[0], cause=Cause.BRANCH, fields=fields)
    since = Since("main", "7a36dda", branch=1)
    html = plan_html.render(Plan("shop", "connector.db", "c-1", (update,), since=since))
    page = chromium(tmp_path, html, "--dump-dom")
    assert 'name="from"' not in page
    assert shown(page) == "1 of 1 shown"


def test_a_plan_without_a_ref_has_no_filter_of_where_changes_come_from() -> None:
    assert 'name="from"' not in HTML
    assert "data-from" not in HTML


def printed(root: Path, html: str) -> str:
    assert PDFTOTEXT is not None
    file = root / "page.pdf"
    chromium(root, html, "--no-pdf-header-footer", f"--print-to-pdf={file}")
    command = [PDFTOTEXT, "-layout", str(file), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


WITHOUT_SCRIPT = re.sub("<script>.*?</script>", "", HTML, flags=re.DOTALL)
UNSTYLED = changeable(HTML.replace("details::details-content", "details::no-such-part"))


@needs_pdftotext
@pytest.mark.parametrize("html", [HTML, WITHOUT_SCRIPT, UNSTYLED], ids=["both", "css", "script"])
def test_the_values_of_folded_changes_are_printed_and_the_search_is_not(
    tmp_path: Path, html: str
) -> None:
    """By the style and by the script: each alone is enough, in browsers that lack the other."""
    assert opened(html) == ["ImagePolicy/large"]
    text = printed(tmp_path, html)
    assert [value for value in ("fifteen", "spain", "none", "zebra") if value not in text] == []
    assert [word for word in ("Filter", "Show", "Open all", "shown") if word in text] == []


def ground(root: Path, *options: str) -> tuple[int, ...]:
    """The colour of the first pixel, red, green and blue: there a PNG's filters add nothing."""
    file = root / "page.png"
    chromium(root, HTML, "--window-size=400,300", f"--screenshot={file}", *options)
    content, place, data = file.read_bytes(), 8, b""
    while place < len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        if content[place + 4 : place + 8] == b"IDAT":
            data += content[place + 8 : place + 8 + length]
        place += length + 12
    return tuple(zlib.decompress(data)[1:4])


def test_the_ground_is_light_or_dark_as_the_visitor_prefers(tmp_path: Path) -> None:
    assert ground(tmp_path, "--blink-settings=preferredColorScheme=1") == (0xFF, 0xFF, 0xFF)
    assert ground(tmp_path, "--blink-settings=preferredColorScheme=0") == (0x14, 0x18, 0x1D)
