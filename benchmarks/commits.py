"""Compares whole cold runs of two commits on this machine, in turn: A B A B.

    python -m benchmarks.commits --before 1a2b3c4 [--after HEAD] [--data-root ml-1m] [--rounds 2]

Each commit is cloned into a folder of its own, with its own environment (`make venv` there), so
that changed locks count too. The first run of each is not measured: it fills the caches of the
system. Prints medians and ratios of the whole run, its processor time and memory, and of each
component; writes all figures to the work folder.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.processes import ChildError
from benchmarks.scale.whole_run import run_pipeline
from benchmarks.tables import DASH, table

WORK = Path("build/benchmarks/commits")
_REPOSITORY = Path(__file__).resolve().parents[1]
WHOLE, PROCESSOR, MEMORY = "whole run, s", "processor, s", "memory, MB"

Figures = dict[str, float]


def check_out(revision: str, work: Path) -> Path:
    """Returns a clone of this repository at a revision, with its environment."""
    found = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"],
        cwd=_REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if found.returncode:
        raise SystemExit(f"benchmarks.commits: {revision} is no commit of this repository")
    commit = found.stdout.strip()
    folder = work / commit[:12]
    if not (folder / ".venv").exists():
        shutil.rmtree(folder, ignore_errors=True)
        clone = ["git", "clone", "--quiet", "--no-checkout", str(_REPOSITORY), str(folder)]
        subprocess.run(clone, check=True)
        subprocess.run(["git", "checkout", "--quiet", commit], cwd=folder, check=True)
        subprocess.run(["make", "venv"], cwd=folder, check=True, stdout=sys.stderr)
    return folder.resolve()


def run_once(
    checkout: Path, output: Path, data: Path | None, assignments: Sequence[str]
) -> Figures:
    """Runs the pipeline of a checkout cold; returns its figures by name."""
    python = str(checkout / ".venv/bin/python")
    try:
        return figures(run_pipeline(data, output, assignments, python=python, project=checkout))
    except ChildError as error:
        raise SystemExit(f"benchmarks.commits: {checkout}: {error}") from None


def figures(run: Mapping[str, Any]) -> Figures:
    """Returns what is compared of a run, by name.

    Args:
        run: What `summarise` returns.
    """
    seconds = {WHOLE: run["seconds"], PROCESSOR: run["processor_seconds"]}
    return {**seconds, MEMORY: run["peak_bytes"] / 1e6, **run["components"]}


def comparison(before: Sequence[Figures], after: Sequence[Figures]) -> str:
    """Returns the table of medians and ratios; components of only one of the two have a dash."""
    names = list(dict.fromkeys(name for run in (*before, *after) for name in run))

    def median(runs: Sequence[Figures], name: str) -> float | None:
        values = [run[name] for run in runs if name in run]
        return statistics.median(values) if values else None

    body = []
    for name in names:
        old, new = median(before, name), median(after, name)
        ratio = f"×{new / old:.2f}" if old and new is not None else DASH
        body.append([name, *(DASH if value is None else f"{value:,.1f}" for value in (old, new)),
                     ratio])  # fmt: skip
    return table(["", "before", "after", "ratio"], body)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs both in turn; prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--before", required=True, metavar="COMMIT")
    add("--after", default="HEAD", metavar="COMMIT")
    add("--data-root", type=Path, help="default: the sample that the runner generates")
    add("--rounds", type=int, default=2, help="measured runs of each")
    add("--work", type=Path, default=WORK)
    add("--set", action="append", default=[], dest="assignments", help="setting of both")
    arguments = parser.parse_args(argv)
    if arguments.rounds < 1:
        parser.error("--rounds: 1 or more is accepted")
    work = arguments.work.resolve()
    data = arguments.data_root.resolve() if arguments.data_root else None
    names = ("before", "after")
    checkouts = [check_out(getattr(arguments, name), work) for name in names]
    runs: dict[str, list[Figures]] = {name: [] for name in names}
    for number in range(arguments.rounds + 1):
        for name, checkout in zip(names, checkouts, strict=True):
            found = run_once(checkout, work / name / "runs", data, arguments.assignments)
            told = f"{name} {number or 'not measured'}: {found[WHOLE]:.1f} s"
            print(told, file=sys.stderr, flush=True)
            if number:
                runs[name].append(found)
    (work / "commits.json").write_text(json.dumps(runs, indent=2) + "\n", encoding="utf-8")
    print(comparison(runs["before"], runs["after"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
