"""A plan as Markdown and as HTML: what they say, that nothing breaks them, and that they count right."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from aliconf.findings import Finding, Location, Severity
from aliconf.model.base import canonical
from aliconf.plan.cause import Cause, Since
from aliconf.plan.changes import Action, Change, FieldChange, Plan, Untouched
from aliconf.plan.digest import Basis, Part
from aliconf.report import plan_data, plan_html, plan_lines, plan_markdown, plan_text
from aliconf.report.budget import LEAST_BYTES, MAX_BYTES
from aliconf.report.markup import code, prose
from aliconf.report.style import Style
from aliconf.report.words import SIGNS
from tests.command import Ended, aliconf
from tests.shops import shop

NASTY = [
    "a | b \\| c \\\\| d",
    "``` fence ```",
    "`",
    "``",
    "\n\n# heading\n\n- item\n",
    "</details>",
    "</code></summary><script>alert(1)</script>",
    "<!-- open",
    "--> closed",
    "<!-- aliconf:plan:other -->",
    "@everyone @octocat/team",
    "see #12, GH-1 and !34",
    "[link](https://evil.example) ![image](x) <https://evil.example>",
    "https://evil.example www.evil.example ops@evil.example mailto:ops@evil.example",
    "*bold* _under_ ~~gone~~ $math$ :smile: &amp; &#64;all",
    "<img src=x onerror=alert(1)>",
    "\x00\x1b[31m\u202eevil\u2066",
    "\ud800",
    "\r\n\t\x85\u2028",
    " ",
    "",
    "x" * 2_000,
    "😀" * 400,
    "\\",
    "| --- |",
    "{{ 7 * 7 }} {% raw %}",
]
TEXT = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(NASTY), max_size=3).map("".join),
    st.text(st.characters(exclude_categories=[]), max_size=20),
    st.text("`|\\\n<>!-@#[]()*_~$&:/.w ", max_size=12),
)
NAME = st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True)
KIND = st.sampled_from(["PricingPolicy", "Account", "ListingTemplate"])
VALUE = st.one_of(st.none(), st.booleans(), st.integers(), TEXT, st.lists(TEXT, max_size=2))
PLACE = st.none() | st.builds(Location, TEXT, st.integers(1, 99), st.integers(1, 99))
FINDING = st.builds(
    Finding,
    st.sampled_from(["ALI302", "ALI520"]),
    st.sampled_from(Severity),
    TEXT,
    PLACE,
    TEXT,
    TEXT,
)
CAUSE = st.none() | st.sampled_from(Cause)
FIELD = st.builds(
    FieldChange,
    TEXT,
    VALUE,
    VALUE,
    st.none(),
    st.sampled_from(["", "PricingPolicy/x"]),
    st.just(("title",)),
    CAUSE,
    st.just(()),
)
COUNT = st.integers(0, 2)
SINCE = st.builds(
    Since, TEXT, st.sampled_from(["", "7a36dda" * 4]), COUNT, COUNT, COUNT, COUNT, COUNT, COUNT
)
CHANGE = st.builds(
    Change,
    st.sampled_from(Action),
    KIND,
    TEXT,
    TEXT,
    st.lists(FIELD, max_size=3).map(tuple),
    old_name=st.just("") | NAME,
    generated=st.booleans(),
    users=st.lists(TEXT, max_size=3).map(tuple),
    notes=st.lists(TEXT, max_size=2).map(tuple),
    cause=CAUSE,
)
UNTOUCHED = st.lists(st.builds(Untouched, KIND, TEXT, TEXT), max_size=3).map(tuple)
ADOPTION = CHANGE.map(lambda change: replace(change, action=Action.ADOPT, fields=()))
PLAN = st.builds(
    Plan,
    NAME,
    TEXT,
    st.sampled_from(["", "c-12345678"]),
    st.lists(CHANGE, max_size=8).map(tuple),
    adoptions=st.lists(ADOPTION, max_size=10).map(tuple),
    unchanged=UNTOUCHED,
    unmanaged=UNTOUCHED,
    protected=UNTOUCHED,
    findings=st.lists(FINDING, max_size=3).map(tuple),
    obstacles=st.lists(FINDING, max_size=2).map(tuple),
    guardrails=st.lists(TEXT, max_size=3).map(tuple),
    environment=st.just("live"),
    since=st.none() | SINCE,
)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def done(plan: Plan) -> Counter[str]:
    """How many changes there are of each action, generated ones apart."""
    return Counter(
        "generated" if change.generated else change.action.value for change in plan.changes
    )


def summed(plan: Plan) -> Counter[str]:
    """The same, with what is adopted and does not change."""
    return done(plan) + Counter({"adopt as": len(plan.adoptions)})


def plain(amount: int, action: Action = Action.CREATE, title: str = "Title") -> tuple[Change, ...]:
    fields = (FieldChange("title", None, title), FieldChange("adjustments", None, [1, 2, title]))
    return tuple(
        Change(action, "PricingPolicy", f"p{index}", title, fields) for index in range(amount)
    )


# Markdown, read by a parser of it

PARSER = MarkdownIt("gfm-like", {"html": True, "linkify": True})
assert PARSER.linkify is not None
PARSER.linkify.set({"fuzzy_link": False, "fuzzy_ip": False})  # GitHub makes no link of shop.io
TAGS = re.compile(r"</?[a-z][^>]*>|<!--.*?-->", re.DOTALL)
ALLOWED = {
    "<details>",
    "<details open>",
    "</details>",
    "<summary>",
    "</summary>",
    "<code>",
    "</code>",
    "<br>",
    "<!-- -->",
}
BLOCKS = {
    *("heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list"),
    *("list_item", "inline", "html_block"),
}
INLINE = {"text", "code_inline", "strong", "html_inline"}


def tokens(markdown: str) -> Iterator[Token]:
    for token in PARSER.parse(markdown):
        yield token
        yield from token.children or ()


def kind_of(token: Token) -> str:
    return token.type.removesuffix("_open").removesuffix("_close")


def check_markdown(markdown: str, marker: str) -> None:
    """Nothing is in it but what the report itself writes, and every fold is closed."""
    found = list(tokens(markdown))
    assert {kind_of(token) for token in found} <= BLOCKS | INLINE
    html = "".join(token.content for token in found if token.type in {"html_block", "html_inline"})
    tags = TAGS.findall(html)
    assert set(tags) - ALLOWED <= {marker}
    assert tags.count(marker) == 1
    assert html.rstrip().endswith(marker)
    depth = 0
    for tag in tags:
        depth += tag.startswith("<details") - (tag == "</details>")
        assert 0 <= depth <= 1
    assert depth == 0
    assert tags.count("<summary>") == tags.count("</summary>")
    for token in found:
        if token.type == "text":
            assert not re.search(r"@\w", token.content), "a mention"
            assert not re.search(r"(?<!\w)#\d", token.content), "a reference"
    for line in markdown.splitlines():
        if line.startswith("<details"):
            assert re.fullmatch(r"<details(?: open)?><summary>.*</summary>", line)


def counted(words: str) -> Counter[str]:
    """``3 to create, 5 generated``"""
    counts: Counter[str] = Counter()
    for number, action in re.findall(r"(\d[\d,]*) (?:to )?(\w+(?: as)?)", words):
        counts[action] = int(number.replace(",", ""))
    return counts


def totals(markdown: str) -> Counter[str]:
    """What the heading says."""
    return counted(markdown.partition("\n")[0].rpartition("·")[2])


def shown(markdown: str) -> Counter[str]:
    """The objects that are there, with those that the last lines count."""
    signs = {"+": "create", "~": "update", "-": "delete", ">": "adopt", "<": "release"}
    counts: Counter[str] = Counter()
    for token in PARSER.parse(markdown):
        if token.type == "html_block" and token.content.startswith("<details"):
            sign = re.match(r".*?<summary><code>(&lt;|&gt;|.)", token.content, re.DOTALL)
            assert sign is not None
            counts[signs.get(unescape(sign[1]), "move")] += 1
        if token.type != "inline" or token.level != 1 or not token.children:
            continue  # not of a paragraph
        first = token.children[0]
        if first.type == "code_inline" and first.content[1:2] == " ":
            counts[signs.get(first.content[0], "move")] += 1
        if first.content.startswith("… and ") and " more: " in first.content:
            counts += counted(first.content.partition(" more: ")[2])
        if first.content.startswith("Generated: "):
            counts["generated"] += sum(child.type == "code_inline" for child in token.children)
    return counts


@SLOW
@given(PLAN, st.sampled_from([LEAST_BYTES, 10_000, MAX_BYTES]))
def test_no_text_of_a_document_breaks_the_markdown(plan: Plan, most: int) -> None:
    markdown = plan_markdown.render(plan, most)
    assert len(markdown.encode()) <= most
    check_markdown(markdown, f"<!-- aliconf:plan:{plan.project}:live -->")
    assert totals(markdown) == summed(plan)


SANE = CHANGE.map(lambda change: Change(change.action, change.kind, "name", "Title", change.fields))


@SLOW
@given(st.lists(SANE, max_size=30).map(tuple), st.sampled_from([LEAST_BYTES, MAX_BYTES]))
def test_the_objects_and_the_rest_that_is_counted_are_the_changes(
    changes: tuple[Change, ...], most: int
) -> None:
    plan = Plan("shop", "connector.db", "c-1", changes)
    assert shown(plan_markdown.render(plan, most)) == done(plan)


@SLOW
@given(st.lists(FINDING, max_size=40), st.sampled_from([LEAST_BYTES, MAX_BYTES]))
def test_why_there_is_no_plan_takes_the_place_of_the_last_plan(
    findings: list[Finding], most: int
) -> None:
    markdown = plan_markdown.refused(findings, "shop", "", most)
    assert len(markdown.encode()) <= most
    assert markdown.startswith("### aliconf plan · no plan\n")
    check_markdown(markdown, "<!-- aliconf:plan:shop -->")


def test_what_github_makes_a_link_of_is_kept_apart() -> None:
    assert prose("http://a.example www.a.example a@a.example #1 !1 mailto:a") == (
        "http:/<!-- -->/a.example www.<!-- -->a.example a@<!-- -->a.example #<!-- -->1 "
        "\\!<!-- -->1 mailto:<!-- -->a"
    )


@given(TEXT)
def test_code_shows_the_text_itself_also_in_a_table(text: str) -> None:
    shown = dedent(text).replace("\n", "")[:50].strip() or "x"
    if not shown.isprintable():
        return
    (cell,) = [
        token.children
        for token in PARSER.parse(f"| a |\n| --- |\n| {code(shown, cell=True)} |\n")
        if token.type == "inline"
    ][1:]
    assert [(token.type, token.content) for token in cell or ()] == [("code_inline", shown)]


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=60))
def test_prose_shows_the_text_itself(text: str) -> None:
    text = text.replace("`", "'")
    (inline,) = [token for token in PARSER.parse(f"x{prose(text)}x") if token.type == "inline"]
    children = inline.children or []
    assert {child.type for child in children} <= {"text", "html_inline", "text_special"}
    written = "".join(child.content for child in children if child.type != "html_inline")
    assert written == f"x{text}x"


@pytest.mark.parametrize("most", [LEAST_BYTES, MAX_BYTES, 1024 * 1024])
@pytest.mark.parametrize("title", ["Title", "😀" * 200, "</details>\n```"])
def test_ten_thousand_changes_stay_within_the_bytes_and_are_all_counted(
    most: int, title: str
) -> None:
    changes = (*plain(9_000, title=title), *plain(1_000, Action.UPDATE, title))
    plan = Plan("shop", "connector.db", "c-1", changes, findings=FINDINGS)
    markdown = plan_markdown.render(plan, most)
    assert most * 0.8 < len(markdown.encode()) <= most or most == LEAST_BYTES
    assert len(markdown.encode()) <= most
    check_markdown(markdown, "<!-- aliconf:plan:shop -->")
    assert totals(markdown) == shown(markdown) == {"create": 9_000, "update": 1_000}


FINDINGS = tuple(
    Finding("ALI302", Severity.WARNING, f"look at {index}", Location("a.yaml", index + 1))
    for index in range(3_000)
)


def test_what_can_be_lost_comes_first_and_creations_are_cut_first() -> None:
    changes = (*plain(500), *plain(3, Action.DELETE), *plain(2, Action.UPDATE))
    markdown = plan_markdown.render(Plan("shop", "connector.db", "c-1", changes), 6_000)
    signs = re.findall(r"<summary><code>(.)", markdown)
    assert signs[:5] == ["-", "-", "-", "~", "~"]
    assert set(signs[5:]) == {"+"}
    assert f"… and {500 - len(signs) + 5} more: {500 - len(signs) + 5} to create." in markdown


# HTML, read by a parser of it

VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """The elements of a page: their names and attributes, and the text in each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag: str) -> str:
        return "".join(text for within, text in self.texts if within == tag)


ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "aria-labelledby"),
    *("aria-hidden", "aria-label", "role", "hidden", "type", "autocomplete", "spellcheck"),
    *("placeholder", "value", "checked", "data-action", "data-from", "open", "scope"),
}
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "b", "code"),
    *("main", "section", "ul", "li", "span", "form", "label", "input", "fieldset", "legend"),
    *("button", "div", "details", "summary", "q", "small", "table", "thead", "tbody", "tr", "th"),
    *("td", "script", "br"),
}


@SLOW
@given(PLAN)
def test_no_text_of_a_document_becomes_markup_of_the_page(plan: Plan) -> None:
    page = Page(plan_html.render(plan))
    assert page.open == []
    assert page.comments == []
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert {key for _, attributes in page.elements for key in attributes} <= ATTRIBUTES
    assert len(page.all("script")) == len(page.all("style")) == 1
    changes = [item["data-action"] for item in page.all("details") if "data-action" in item]
    assert Counter(changes) == done(plan)
    assert counted(page.text("title").rpartition("·")[2]) == summed(plan)


@SLOW
@given(st.lists(FINDING, max_size=5))
def test_no_text_of_a_refusal_becomes_markup_of_the_page(findings: list[Finding]) -> None:
    page = Page(plan_html.refused(findings, "shop"))
    assert page.open == []
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert len(page.all("li")) == len(findings)


def test_the_page_is_one_file_that_can_ask_nobody_for_anything() -> None:
    html = plan_html.render(Plan("shop", "connector.db", "c-1", plain(3)))
    page = Page(html)
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; "
        r"base-uri 'none'; form-action 'none'",
        policy or "",
    )
    assert not re.search(r"https?:|url\(|@import|\bsrc=|\bhref=|fetch\(|innerHTML|eval\(", html)


def test_the_page_has_headings_labels_and_a_summary_for_each_object() -> None:
    update = Change(
        Action.UPDATE, "PricingPolicy", "p", "P", (FieldChange("title", "a", "b"),), users=("x",)
    )
    page = Page(plan_html.render(Plan("shop", "connector.db", "c-1", (update, *plain(4)))))
    assert [tag for tag, _ in page.elements if tag in {"h1", "h2"}] == ["h1", *("h2",) * 4]
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("details")) == len(page.all("summary")) == 5
    assert {item["type"] for item in page.all("input")} == {"search", "checkbox"}
    assert len(page.all("label")) == len(page.all("input"))
    assert {item.get("scope") for item in page.all("th")} == {"col", "row"}
    assert "Now" in page.text("th")


# All formats, over a real project


def plan(root: Path, *options: str, **environment: str) -> Ended:
    return aliconf("plan", *options, cwd=root, environment=environment)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A shop that is applied, then one value of it changed and one object added."""
    shop(tmp_path)
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    text = (tmp_path / "pricing.yaml").read_text()
    (tmp_path / "pricing.yaml").write_text(text.replace("12", "15"))
    return tmp_path


def test_an_update_in_markdown(changed: Path) -> None:
    markdown = plan(changed, "--format", "markdown").out
    markdown = re.sub(r"sha256:[0-9a-f]{64}", "sha256:9c1e", markdown)
    assert re.sub(r"c-[0-9a-f]{8}", "c-7f31a2b4", markdown) == dedent("""\
        ### aliconf plan · 1 to update

        `shop` → `.aliconf/connector.db` (connector `c-7f31a2b4`)

        <details open><summary><code>~ PricingPolicy/markup</code> <code>Markup</code> · 1 value · used by 1</summary>

        | Field | Now | Then | Where |
        | --- | --- | --- | --- |
        | `adjustments[0].increaseByPercent` | `12` | `15` | `pricing.yaml:9:26` |

        Used by `ListingTemplate/everything` (default)

        </details>

        **Not touched**: 3 unchanged · 5 unmanaged · the region of every account (1)

        **Takes effect**: when applied; with the next synchronization of prices (the connector's own rhythm, SynchronizationPolicy/default).

        **Undo**: `git revert` the commits, then plan and apply. That brings back what the configuration said, not what somebody else changed in the connector.

        **Apply**: `aliconf apply --digest sha256:9c1e` applies exactly this plan. It is refused where the configuration or the connector has moved since.

        <!-- aliconf:plan:shop -->
        """)


def test_an_empty_plan_in_markdown(changed: Path) -> None:
    aliconf("apply", "--yes", cwd=changed)
    markdown = plan(changed, "--format", "markdown").out
    assert re.sub(r"c-[0-9a-f]{8}", "c-7f31a2b4", markdown) == dedent("""\
        ### aliconf plan · no changes

        `shop` → `.aliconf/connector.db` (connector `c-7f31a2b4`)

        **Not touched**: 4 unchanged · 5 unmanaged · the region of every account (1)

        <!-- aliconf:plan:shop -->
        """)


def test_the_reports_of_one_plan_agree(tmp_path: Path) -> None:
    shop(tmp_path)
    shapes = ("text", "json", "markdown", "html")
    options = [part for shape in shapes for part in ("--also", f"{shape}={shape}.out")]
    assert plan(tmp_path, *options) == plan(tmp_path)
    reports = {shape: (tmp_path / f"{shape}.out").read_text() for shape in shapes}
    for shape in shapes:
        assert reports[shape] == plan(tmp_path, "--format", shape).out
    expected = {"create": 4, "generated": 5}
    summary = json.loads(reports["json"])["summary"]
    assert (summary["create"] - summary["generated"], summary["generated"]) == (4, 5)
    assert counted(reports["text"].splitlines()[-1]) == expected
    assert totals(reports["markdown"]) == shown(reports["markdown"]) == expected
    assert '<p class="summary">4 to create, 5 generated</p>' in reports["html"]


def summed_up(line: str, form: str) -> Counter[str]:
    """The numbers of a line that must be of the form."""
    found = re.fullmatch(form, line)
    assert found is not None, line
    return counted(found[1])


def listed(text: str) -> Counter[str]:
    """The objects whose lines are in a plan for a terminal."""
    signs = {sign: action.value for action, sign in SIGNS.items()}
    lines = [line for line in text.splitlines() if line[:1] in signs and line[1:2] == " "]
    return Counter(
        "generated" if line.endswith(" (generated)") else signs[line[0]] for line in lines
    )


@SLOW
@given(st.lists(SANE, max_size=20).map(tuple))
def test_the_totals_of_every_report_are_the_changes(changes: tuple[Change, ...]) -> None:
    """Of each action, what a reader finds in the report is what the plan has."""
    plan = Plan("shop", "connector.db", "c-1", changes)
    data = json.loads(plan_data.to_json(plan))
    assert {action.value: data["summary"][action.value] for action in Action} == {
        action.value: sum(change.action is action for change in changes) for action in Action
    }
    assert data["summary"]["generated"] == done(plan)["generated"]
    assert Counter(
        "generated" if change["generated"] else change["action"] for change in data["changes"]
    ) == done(plan)
    text = plan_text.render(plan, Style())
    assert summed_up(text.splitlines()[-1], "Plan: (.*)[.]") == done(plan)
    assert summed_up(plan_text.brief(plan, Style()).rstrip(), "Plan: (.*)[.]") == done(plan)
    assert listed(text) == done(plan)
    heading = plan_markdown.render(plan).partition("\n")[0]
    assert summed_up(heading, "### aliconf plan · (.*)") == done(plan)
    html = plan_html.render(plan)
    page = Page(html)
    assert summed_up(page.text("title"), "aliconf plan · shop · (.*)") == done(plan)
    (words,) = re.findall('<p class="summary">(.*)</p>', html)
    assert counted(words) == done(plan)
    boxes = re.findall(r'value="(\w+)" checked> \w+ <span class="count">([\d,]+)<', html)
    assert {action: int(amount) for action, amount in boxes} == done(plan)
    shown = [item["data-action"] for item in page.all("details") if "data-action" in item]
    assert Counter(shown) == done(plan)


def test_the_json_of_many_changes_is_the_same_with_one_change_a_line() -> None:
    few, many = plain(plan_data.INDENTED_UP_TO), plain(plan_data.INDENTED_UP_TO + 1)
    indented = json.loads(plan_data.to_json(Plan("shop", "x", "c-1", few)))
    lines = plan_data.to_json(Plan("shop", "x", "c-1", many))
    data = json.loads(lines)
    assert data.keys() == indented.keys()
    assert data["changes"][:-1] == indented["changes"]
    assert sum(line.startswith('{"action":') for line in lines.splitlines()) == len(many)


@SLOW
@given(CHANGE, st.lists(st.tuples(FIELD, PLACE), max_size=3), st.lists(st.sampled_from(Cause)))
def test_the_line_of_a_change_is_the_canonical_text_of_its_data(
    change: Change, fields: list[tuple[FieldChange, Location | None]], also: list[Cause]
) -> None:
    placed = tuple(field._replace(written=place, also=tuple(also)) for field, place in fields)
    change = replace(change, fields=placed, also=tuple(also))
    (data,) = plan_data.to_data(Plan("shop", "x", "c-1", (change,)))["changes"]
    assert plan_lines.line(change) == canonical(data)


@SLOW
@given(PLAN.filter(lambda plan: bool(plan.changes)))
def test_the_file_of_a_plan_of_many_changes_is_that_of_few_in_lines(plan: Plan) -> None:
    """The seal as well, so that both are verified alike."""
    basis = Basis("shop", "live", "c-1", {"PricingPolicy": "p"}, [Part("A/b", "{}", "")], [])
    plan = replace(plan, basis=basis)
    few = plan_data.to_file(plan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_data, "INDENTED_UP_TO", 0)
        many = plan_data.to_file(plan)
    assert json.loads(many) == json.loads(few)
    begun = [line for line in many.split("\n") if line.startswith('{"action":')]
    assert len(begun) == len(plan.changes)


def test_a_refusal_goes_to_every_output_under_the_marker_of_the_plan(tmp_path: Path) -> None:
    shop(tmp_path, more="apiVersion: aliconf/v1\nkind: Account\nmetadata: {name: fr}\nspec: {}\n")
    summary = tmp_path / "summary.md"
    summary.touch()
    for shape in ("json", "markdown", "html"):
        ended = plan(
            tmp_path, "--format", shape, "--also", f"{shape}=out", GITHUB_STEP_SUMMARY=str(summary)
        )
        assert (ended.code, ended.err) == (1, "")
        assert "ALI113" in ended.out
        assert (tmp_path / "out").read_text() == ended.out
    markdown = plan(tmp_path, "--format", "markdown").out
    assert markdown.startswith("### aliconf plan · no plan\n")
    assert markdown.endswith("\n<!-- aliconf:plan:shop -->\n")
    assert summary.read_text() == f"{markdown}\n" * 3
    as_text = plan(tmp_path, "--also", "text=out")
    assert (as_text.code, as_text.out) == (1, "")
    assert (tmp_path / "out").read_text() == as_text.err


def test_the_summary_of_a_github_step_gets_the_plan_appended(changed: Path) -> None:
    summary = changed / "summary.md"
    summary.write_text("before\n")
    assert plan(changed, GITHUB_STEP_SUMMARY=str(summary)) == plan(changed)
    assert summary.read_text() == f"before\n{plan(changed, '--format', 'markdown').out}\n"


def test_too_few_bytes_are_wrong_usage(tmp_path: Path) -> None:
    ended = plan(shop(tmp_path), "--format", "markdown", "--max-bytes", "3999")
    assert (ended.code, ended.out) == (64, "")
    assert "4000" in ended.err


def imported_by(shape: str) -> Sequence[str]:
    script = (
        "import sys\n"
        "from aliconf.report import plan_data, plan_html, plan_markdown\n"
        "from aliconf.plan.changes import Plan\n"
        "plan = Plan('shop', 'x', 'c-1', ())\n"
        "{'json': plan_data.to_json, 'markdown': plan_markdown.render, 'html': plan_html.render}"
        f"[{shape!r}](plan)\n"
        "print(*sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return ended.stdout.split()


@pytest.mark.parametrize(
    ("shape", "loaded"), [("json", False), ("markdown", False), ("html", True)]
)
def test_templates_are_loaded_for_html_alone(shape: str, loaded: bool) -> None:
    assert ("jinja2" in imported_by(shape)) is loaded


def test_the_style_of_a_terminal_is_not_in_the_reports() -> None:
    plan = Plan("shop", "x", "c-1", plain(1, title="\x1b[31mred"))
    assert "\x1b" not in plan_markdown.render(plan) + plan_html.render(plan)
    assert "\\x1b[31m" in plan_text.render(plan, Style())


def test_what_is_adopted_as_it_is_is_listed_as_far_as_there_is_room() -> None:
    adoptions = [
        Change(Action.ADOPT, "PricingPolicy", f"p{index}", "Title", cause=Cause.BRANCH)
        for index in range(510)
    ]
    adoptions[-1] = replace(adoptions[-1], cause=Cause.DRIFT)
    since = Since("main", "a" * 40, 0, 0, 0, 0, 0, 0)
    plan = Plan("shop", "connector.db", "c-1", (), tuple(adoptions), since=since)
    markdown = plan_markdown.render(plan)
    assert markdown.startswith("### aliconf plan · no changes, 510 to adopt as they are\n")
    block = markdown[markdown.index("<details>") : markdown.index("</details>")].splitlines()
    assert block[:4] == [
        "<details><summary>To adopt: 510 objects that nobody manages and that are as their "
        "documents say</summary>",
        "",
        "- `PricingPolicy/p509` · not from this branch: drift",
        "- `PricingPolicy/p0`",
    ]
    assert len([line for line in block if line.startswith("- ")]) == 510
    short = plan_markdown.render(plan, LEAST_BYTES)
    assert len(short.encode()) <= LEAST_BYTES
    listed = short.count("\n- `PricingPolicy/")
    assert 0 < listed < 510
    assert f"\n- … and {510 - listed:,} more\n" in short
    text = plan_text.render(plan, Style(80))
    assert "  PricingPolicy/p509 (not from this branch: drift), PricingPolicy/p0," in text
    assert "(--full lists them)." in text
