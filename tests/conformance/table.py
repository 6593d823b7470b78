"""The table «versions × what was proved» in docs/kubeflow.md, written by the check itself."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "kubeflow.md"
BEGIN, END = "<!-- conformance: begin -->", "<!-- conformance: end -->"
COLUMNS = {
    "compiles": "upload, compilation, Argo's validator",
    "parameters": "run parameters",
    "recurring": "recurring runs",
    "runs": "whole runs",
}
NOT_CHECKED = "–"


@dataclass
class Results:
    """How many tests passed and failed, by version and column."""

    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def add(self, version: str, column: str, outcome: str) -> None:
        """Counts one test: passed, failed or skipped."""
        self.counts.setdefault((version, column), Counter())[outcome] += 1

    def cell(self, version: str, column: str) -> str:
        """Returns what stands in the table; empty if nothing was tried."""
        counts = self.counts.get((version, column), Counter())
        if counts["failed"]:
            return f"**{counts['failed']} fail**, {counts['passed']} pass"
        return f"{counts['passed']} pass" if counts["passed"] else ""


def write(results: Results, document: Path = DOCUMENT) -> None:
    """Puts the results between the markers; cells that were not tried stay as they are."""
    if not results.counts:
        return
    text = document.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{document} has no {BEGIN} … {END}")
    document.write_text(f"{before}{begin}\n{render(results, read(old))}{end}{after}", "utf-8")


def read(text: str) -> dict[str, dict[str, str]]:
    """Returns the cells of a table by version and column."""
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.match(r"\d|HEAD", cells[0]) and len(cells) == len(COLUMNS) + 1:
            rows[cells[0]] = dict(zip(COLUMNS, cells[1:], strict=True))
    return rows


def render(results: Results, old: dict[str, dict[str, str]]) -> str:
    """Returns the table: new cells over the old ones, oldest version first."""
    checked = {version for version, _ in results.counts}
    if any(version.startswith("HEAD") for version in checked):  # HEAD is the newest only
        old = {version: row for version, row in old.items() if not version.startswith("HEAD")}
    lines = ["| Kubeflow Pipelines | " + " | ".join(COLUMNS.values()) + " |"]
    lines.append("|---" * (len(COLUMNS) + 1) + "|")
    for version in sorted(checked | set(old), key=_order):
        known = old.get(version, {})
        cells = [
            results.cell(version, column) or known.get(column, NOT_CHECKED) for column in COLUMNS
        ]
        lines.append(f"| {version} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _order(version: str) -> tuple[int, ...]:
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)$", version)
    return tuple(map(int, numbers.groups())) if numbers else (1 << 30,)
