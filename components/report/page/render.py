"""From a page's content to HTML."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import jinja2

from components.report.page.blocks import Block, Page

TEMPLATES = Path(__file__).parent / "templates"
# Where what only the runner knows is put in afterwards (finish.py). Text of users cannot contain
# these: its "<" is escaped.
OUTCOME_MARKER, TIMINGS_MARKER = "<!--outcome-->", "<!--timings-->"


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(page: Page) -> str:
    """Returns the page as one HTML document without external addresses."""
    return _environment().get_template("page.html.j2").render(page=page)


def render_blocks(blocks: Sequence[Block]) -> str:
    """Returns a part of a page."""
    return _environment().get_template("part.html.j2").render(blocks=blocks)
