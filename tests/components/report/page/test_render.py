from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import pytest

from components.report.build import build_page
from components.report.facts import Facts
from components.report.page.render import render_page

VOID = {"meta", "link", "path", "use", "rect", "image", "br"}


class _Outline(HTMLParser):
    """Checks that elements close in order, and collects what the tests ask about."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.seen if name == tag]


@pytest.fixture(scope="module")
def page(facts: Facts) -> str:
    return render_page(build_page(facts))


def test_page_is_well_formed(page: str) -> None:
    assert _Outline(page).open == []
    assert page.lstrip().startswith("<!DOCTYPE html>")


def test_page_has_no_external_addresses(page: str) -> None:
    outline = _Outline(page)
    links = [a["href"] for a in outline.all("a")] + [a["href"] for a in outline.all("use")]
    assert all(link.startswith("#") for link in links)
    assert not outline.all("script")
    assert not outline.all("img")
    assert [a["href"] for a in outline.all("link")] == ["data:,"]
    assert not re.search(r"https?://|@import|url\((?!#)", page)


def test_page_links_lead_somewhere_and_ids_are_unique(page: str) -> None:
    outline = _Outline(page)
    ids = [attributes["id"] for _, attributes in outline.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in outline.all("a")} <= set(ids)


def test_page_escapes_titles(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;alert(" in page


def test_page_tables_have_captions_and_drawings_have_texts(page: str) -> None:
    outline = _Outline(page)
    assert len(outline.all("table")) == len(outline.all("caption")) > 5
    drawings = [a for a in outline.all("div") if a.get("role") == "img"]
    assert len(drawings) == len(outline.all("svg")) > 5
    assert all(a["aria-label"] for a in drawings)


def test_page_headings_leave_no_level_out(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in _Outline(page).seen if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_page_has_both_colour_schemes_and_a_telephone_width(page: str) -> None:
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page
