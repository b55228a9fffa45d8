"""The page of each code: Markdown files in ``text/``, for ``explain``, SARIF and the docs."""

from __future__ import annotations

from importlib.resources import files

_PAGES = files("aliconf.rules") / "text"


def page(code: str) -> str | None:
    """The page's Markdown, or None where the code does not exist."""
    file = _PAGES / f"{code}.md"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def codes() -> list[str]:
    return sorted(
        file.name.removesuffix(".md") for file in _PAGES.iterdir() if file.name.endswith(".md")
    )


def titles() -> dict[str, str]:
    """The first line of each page."""
    return {code: _title(page(code) or "") for code in codes()}


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("#").strip().partition(" ")[2]
