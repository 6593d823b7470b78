"""Adds to a page what only a runner knows: what became of the model, and all components' seconds.

The component that writes the page runs before the Pusher, so that a refused model has its report
too; when the run is over, the runner completes its copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.report.page.blocks import Note
from components.report.page.render import OUTCOME_MARKER, TIMINGS_MARKER, render_blocks
from components.report.sections.timings import component_timings


def add_run(
    page: str,
    status: str,
    reason: str,
    version: str,
    components: Sequence[Mapping[str, Any]],
) -> str:
    """Returns the page with the end of the run.

    Args:
        page: A page of this component.
        status: `pushed`, `refused` or `nothing_new`.
        reason: Why, in one sentence.
        version: Version that is live by this run; empty if none is.
        components: `id`, `state`, `cached` and `seconds` of each, in the order they ran.
    """
    outcome = render_blocks([Note(outcome_text(status, reason, version))])
    timings = render_blocks(component_timings(components))
    return page.replace(OUTCOME_MARKER, outcome, 1).replace(TIMINGS_MARKER, timings, 1)


def outcome_text(status: str, reason: str, version: str) -> str:
    """Returns what became of the model in one sentence."""
    if status == "pushed":
        return f"Pushed as version {version}."
    if status == "nothing_new":
        return f"Live as version {version}: {reason}."
    return "Nothing was pushed."
