"""From the facts to the page."""

from __future__ import annotations

import logging
from collections.abc import Callable

from components.report.facts import Facts
from components.report.page.blocks import Note, Page, Section
from components.report.sections.data import data
from components.report.sections.gate import gate
from components.report.sections.headline import headline
from components.report.sections.origin import origin
from components.report.sections.popularity import popularity
from components.report.sections.quality import quality
from components.report.sections.samples import neighbours, recommendations
from components.report.sections.slices import slices
from components.report.sections.timings import timings
from components.report.sections.training import training

SECTIONS: tuple[Callable[[Facts], Section], ...] = (
    gate,
    quality,
    slices,
    recommendations,
    neighbours,
    popularity,
    training,
    data,
    timings,
    origin,
)


def build_page(facts: Facts) -> Page:
    """Returns the page that explains a run."""
    return Page(
        title=f"Two-tower retrieval: {facts.pipeline}",
        about=f"Report of {facts.written}" if facts.written else "",
        headline=headline(facts),
        sections=tuple(_guarded(section, facts) for section in SECTIONS),
    )


def _guarded(section: Callable[[Facts], Section], facts: Facts) -> Section:
    """Returns a section, or a note instead: a section that fails must not cost the whole page."""
    name = section.__name__
    try:
        return section(facts)
    except Exception as error:
        logging.getLogger(__name__).exception("report: the section %s could not be made", name)
        note = Note(f"This section could not be made: {error!r}", warning=True)
        return Section(name, name.capitalize(), "", (note,))
