"""One finding of the doctor: what was looked at, how it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

OK, NOTE, PROBLEM, UNKNOWN = "ok", "note", "problem", "unknown"


@dataclass(frozen=True)
class Finding:
    """A finding.

    Attributes:
        state: `ok`; `note`: works, but a person should know; `problem`: a run would fail;
            `unknown`: it could not be looked at.
        text: One sentence.
        advice: What to do; empty where nothing is.
    """

    state: str
    text: str
    advice: str = ""


ok, note = partial(Finding, OK), partial(Finding, NOTE)
problem, unknown = partial(Finding, PROBLEM), partial(Finding, UNKNOWN)
