"""The page of a plan in a real browser: its search, its print, its two colour schemes."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

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


def names(page: str) -> list[str]:
    """The changes that are to be seen."""
    found = re.findall(r'<details class="change"([^>]*)>.*?<b>(.*?)</b>', page, re.DOTALL)
    return [name for attributes, name in found if "hidden" not in attributes]


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
    assert " open" not in "".join(re.findall("<details[^>]*>", html))
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
