"""Days of operation in a row: ML-1M cut by time into spans, the scheduler in simulated time.

The oldest part of the ratings is there at first; each simulated day a further span arrives and the
scheduler, unattended, runs the pipeline as a process of its own. At the end a table by day.

    python -m benchmarks.daily_spans --data-root ml-1m --work-root /tmp/days --days 10
"""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import local_runner
from benchmarks.simulated_clock import SimulatedClock
from pipeline.local.scheduling import schedule
from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import Workspace

START = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
COLUMNS = (
    "day",
    "spans",
    "ratings",
    "top 100",
    "live",
    "unseen 100",
    "live",
    "gate",
    "status",
    "version",
    "start",
    "epochs",
    "new users",
    "train s",
    "run s",
)


def cut(source: Path, target: Path, days: int, base_share: float) -> None:
    """Cuts ratings by time: span-0 with the oldest share, then `days` spans of equal size.

    Each span carries the whole catalogue and only its own users.

    Args:
        source: Folder in the layout of ML-1M.
        target: Folder for the spans.
        days: Spans after the first.
        base_share: Share of the ratings in span-0.
    """
    rows = (source / "ratings.dat").read_bytes().splitlines(keepends=True)
    rows.sort(key=lambda row: int(row.rsplit(b"::", 1)[1]))
    users = {row.split(b"::", 1)[0]: row for row in (source / "users.dat").open("rb")}
    base = int(len(rows) * base_share)
    ends = [base + (len(rows) - base) * day // days for day in range(days + 1)]
    for number, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        folder = target / f"span-{number}"
        folder.mkdir(parents=True)
        part = rows[start:end]
        (folder / "ratings.dat").write_bytes(b"".join(part))
        shutil.copy(source / "movies.dat", folder)
        present = dict.fromkeys(row.split(b"::", 1)[0] for row in part)
        (folder / "users.dat").write_bytes(b"".join(users[user] for user in present))


class Delivery:
    """Puts the spans one after another where the pipeline looks for them."""

    def __init__(self, store: Path, root: Path, days: int) -> None:
        """Delivers the first span.

        Args:
            store: Where all spans are.
            root: The data root of the pipeline.
            days: Spans to deliver after the first.
        """
        self._store, self._root, self._days, self._day = store, root, days, 0
        root.mkdir(parents=True)
        self._deliver()

    def arrive(self, _: datetime.datetime) -> bool:
        """Delivers the span of a day; False after the last."""
        if self._day > self._days:
            return False
        self._deliver()
        return True

    def _deliver(self) -> None:
        shutil.copytree(self._store / f"span-{self._day}", self._root / f"span-{self._day}")
        self._day += 1


def table(entries: list[dict[str, Any]]) -> str:
    """Returns the runs as a table in Markdown."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(_cells(day, entry)) + " |" for day, entry in enumerate(entries, 1)]
    return "\n".join(lines)


def _cells(day: int, entry: dict[str, Any]) -> list[str]:
    model, live = entry["metrics"].get("model", {}), entry["metrics"].get("live", {})
    failed = [decision["name"] for decision in entry["gate"] if not decision["passed"]]
    seconds = {node["id"]: node["seconds"] for node in entry["components"]}

    drift = {measure["name"]: measure["value"] for measure in entry["drift"]}
    new_users = drift.get("share of new users")

    def percent(figures: dict[str, float], name: str) -> str:
        return f"{100 * figures[name]:.2f}" if name in figures else "–"

    return [
        str(day),
        str(entry["data"].get("span")),
        f"{entry['data'].get('ratings', 0):,}",
        percent(model, "top_100_accuracy"),
        percent(live, "top_100_accuracy"),
        percent(model, "unseen_top_100_accuracy"),
        percent(live, "unseen_top_100_accuracy"),
        ", ".join(failed) or "passed",
        entry["status"],
        (entry.get("pushed") or {}).get("version", "–"),
        entry["training"].get("start", {}).get("kind", "–"),
        str(entry["training"].get("epochs", "–")),
        f"{new_users:.3f}" if new_users is not None else "–",
        f"{seconds.get('Trainer', 0):.0f}",
        f"{entry['seconds']:.0f}",
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Cuts, runs the days and prints the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root", type=Path, required=True, help="folder of ML-1M")
    parser.add_argument("--work-root", type=Path, required=True, help="new folder for everything")
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--base-share", type=float, default=0.5, help="ratings in the first span")
    parser.add_argument("options", nargs="*", help="options of the runner, after --")
    arguments = parser.parse_args(argv)
    store, root = arguments.work_root / "spans", arguments.work_root / "data"
    cut(arguments.data_root, store, arguments.days, arguments.base_share)
    delivery = Delivery(store, root, arguments.days)
    output = arguments.work_root / "runs"
    line = ["--data-root", str(root), "--output-root", str(output), *arguments.options]
    line += ["--schedule", "0 3 * * *"]
    sys.argv[0] = local_runner.__file__  # what the scheduler starts for each run
    parsed = local_runner.build_parser().parse_args(line)
    code = schedule.serve(parsed, line, SimulatedClock(START, delivery.arrive))
    entries = history.read_entries(Workspace(output, parsed.pipeline_name).history)
    print(table(entries))
    (arguments.work_root / "days.json").write_text(json.dumps(entries, indent=2))
    return code


if __name__ == "__main__":
    sys.exit(main())
