"""One finding of the doctor: what was looked at, how it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

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


def ok(text: str) -> Finding:
    """Returns a finding of what is as it should be."""
    return Finding(OK, text)


def note(text: str, advice: str) -> Finding:
    """Returns a finding of what works, though not as one would think."""
    return Finding(NOTE, text, advice)


def problem(text: str, advice: str) -> Finding:
    """Returns a finding of what would let a run fail."""
    return Finding(PROBLEM, text, advice)


def unknown(text: str, advice: str) -> Finding:
    """Returns a finding of what could not be looked at."""
    return Finding(UNKNOWN, text, advice)
