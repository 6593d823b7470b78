"""The numbers of attempts by kind, for the end of a test session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any


def lines(reports: Iterable[Any]) -> list[str]:
    """Returns a line for each kind: attempts, and how many were answered as promised."""
    tried, kept = Counter[str](), Counter[str]()
    for report in reports:
        for name, value in getattr(report, "user_properties", []):
            if name == "attempts":
                kind, attempts, answered = value
                tried[kind] += attempts
                kept[kind] += answered
    found = [(kind, tried[kind], kept[kind]) for kind in sorted(tried)]
    if found:
        found.append(("all", sum(tried.values()), sum(kept.values())))
    return [f"{kind:20} {count:6,} attempts, {good:6,} as promised" for kind, count, good in found]
