"""How many rows were read, retained and dropped: counted by block and bucket, then added up."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.contracts.examples import EVAL, TRAIN
from components.errors import DataError
from components.example_gen import drop_reasons

FILE_NAME = "summary.json"
# A reason that drops a larger share of the rows is worth a warning, harmless or not.
WARN_SHARE = 0.1


@dataclass(frozen=True, order=True)
class RowLocation:
    """A row: its file, where its block starts, the line (from 0) in the block, its text."""

    file: str
    start: int
    line: int
    text: str


@dataclass
class Summary:
    """Counts of some blocks, or of some users, or of everything.

    Attributes:
        rows: Rows of the rating files.
        dropped: Reason → rows left out.
        firsts: Reason → the first such row.
        lines: (file, start of block) → lines of the block, to turn locations into line numbers.
        ratings: Interactions retained.
        users: Users with interactions.
        users_without_row: Those who are not in the users file.
        rated: Ids of the movies rated.
        histogram: Rating → interactions.
        interactions, users_of: Split → number of interactions and of users.
        first, last: Earliest and latest timestamp; None without interactions.
    """

    rows: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    firsts: dict[str, RowLocation] = field(default_factory=dict)
    lines: dict[tuple[str, int], int] = field(default_factory=dict)
    ratings: int = 0
    users: int = 0
    users_without_row: int = 0
    rated: frozenset[str] = frozenset()
    histogram: Counter[float] = field(default_factory=Counter)
    interactions: Counter[str] = field(default_factory=Counter)
    users_of: Counter[str] = field(default_factory=Counter)
    first: int | None = None
    last: int | None = None

    def line_number(self, row: RowLocation) -> int:
        """Returns the number of the row's line in its file, from 1."""
        before = sum(
            count
            for (file, start), count in self.lines.items()
            if file == row.file and start < row.start
        )
        return before + row.line + 1


def add_up(parts: Iterable[Summary]) -> Summary:
    """Adds summaries of different rows and users up."""
    parts = list(parts)
    firsts: dict[str, RowLocation] = {}
    for part in parts:
        for reason, row in part.firsts.items():
            firsts[reason] = min(row, firsts.get(reason, row))
    total = Summary(
        rows=sum(part.rows for part in parts),
        firsts=firsts,
        lines={key: count for part in parts for key, count in part.lines.items()},
        ratings=sum(part.ratings for part in parts),
        users=sum(part.users for part in parts),
        users_without_row=sum(part.users_without_row for part in parts),
        rated=frozenset().union(*(part.rated for part in parts)),
        first=min((part.first for part in parts if part.first is not None), default=None),
        last=max((part.last for part in parts if part.last is not None), default=None),
    )
    for name in ("dropped", "histogram", "interactions", "users_of"):
        for part in parts:
            getattr(total, name).update(getattr(part, name))
    return total


def first_rows(total: Summary, root: str) -> dict[str, str]:
    """Returns for each reason "file:line: text" of the first row left out for it."""
    return {
        reason: f"{os.path.relpath(row.file, root)}:{total.line_number(row)}: {row.text}"
        for reason, row in sorted(total.firsts.items())
    }


def _hint(reason: str) -> str:
    hint = drop_reasons.HINTS.get(reason)
    return f"; {hint}" if hint else ""


def check_share(total: Summary, max_share: float, root: str, what: str) -> None:
    """Refuses data that lost too many rows; those of drop_reasons.HARMLESS do not count.

    Args:
        total: The counts.
        max_share: Largest share of the rows that may be dropped.
        root: Folder of the data.
        what: What the rows are.

    Raises:
        DataError: With the reasons, their counts and the first row of each.
    """
    lost = {why: n for why, n in total.dropped.items() if why not in drop_reasons.HARMLESS}
    count = sum(lost.values())
    if count <= max_share * total.rows:
        return
    firsts = first_rows(total, root)
    reasons = "; ".join(
        f"{why}: {lost[why]:,} (first: {firsts[why]}{_hint(why)})"
        for why in sorted(lost, key=lambda why: (-lost[why], why))
    )
    raise DataError(
        f"data root {root}: {count:,} of {total.rows:,} {what} ({count / total.rows:.2%}) are "
        f"unusable: {reasons}; accepted: up to {max_share:.2%} (data.max_dropped_share)"
    )


def drop_warnings(total: Summary, root: str, what: str) -> list[str]:
    """Returns a sentence on each reason that drops more than WARN_SHARE of the rows.

    Args:
        total: The counts.
        root: Folder of the data.
        what: What the rows are.
    """
    firsts = first_rows(total, root)
    return [
        f"{count:,} of {total.rows:,} {what} ({100 * count / total.rows:.1f} %) were left out: "
        + (f"{why} (first: {firsts[why]})" if why in firsts else why)
        for why, count in sorted(total.dropped.items(), key=lambda pair: (-pair[1], pair[0]))
        if count > WARN_SHARE * total.rows
    ]


def check_splits(total: Summary, root: str) -> None:
    """Refuses data that leaves no interactions for train or for eval.

    Raises:
        DataError: With the figures, and what would be accepted.
    """
    empty = [split for split in (TRAIN, EVAL) if not total.interactions[split]]
    if empty:
        raise DataError(
            f"data root {root}: no interactions are left for {' and '.join(empty)} "
            f"({total.rows:,} rows, {total.ratings:,} ratings of {total.users:,} users); accepted: "
            "more data, or a split.method that leaves some on both sides"
        )


def to_json(
    total: Summary,
    layout: str,
    files: Mapping[str, int],
    movies: int,
    root: str,
    spans: Iterable[Mapping[str, Any]] = (),
    inspection: Mapping[str, Any] | None = None,
    warnings: Iterable[str] = (),
) -> str:
    """Returns the content of summary.json, which the other components read.

    Args:
        total: The counts.
        layout: Name of the layout.
        files: Path below the data root → bytes.
        movies: Movies of the catalogue, rated or not.
        root: Folder of the data.
        spans: The spans that were read, oldest first; none where the files are in `root` itself.
        inspection: What was understood of the files (inspection/inspect.py).
        warnings: What a person should look at though the data is accepted.
    """
    document = {
        "layout": layout,
        "spans": [dict(span) for span in spans],
        "files": dict(files),
        "rows": total.rows,
        "ratings": total.ratings,
        "users": total.users,
        "users_without_row": total.users_without_row,
        "movies": movies,
        "rated_movies": len(total.rated),
        "splits": {
            split: {"users": total.users_of[split], "interactions": total.interactions[split]}
            for split in (TRAIN, EVAL)
        },
        "dropped": dict(sorted(total.dropped.items())),
        "examples_of_dropped": first_rows(total, root),
        "rating_histogram": {f"{rating:g}": n for rating, n in sorted(total.histogram.items())},
        "first_timestamp": total.first,
        "last_timestamp": total.last,
        "inspection": dict(inspection or {}),
        "warnings": list(warnings),
    }
    return json.dumps(document, indent=2)
