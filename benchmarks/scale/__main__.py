"""Measures the whole pipeline and its peers at several sizes of the data: `make bench-scale`.

    python -m benchmarks.scale                            1 M, 5 M and 25 M ratings
    python -m benchmarks.scale --ratings 200000           a quick look
    python -m benchmarks.scale --reuse                    goes on after an interruption

For each size: generated data, one cold run of local_runner.py with the default preset, and the
peers on the run's own split, each in a process of its own. With the default sizes tables and plot
go to benchmarks/results/ and docs/scale.md, with others to the work folder.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.processes import ChildError, run_json
from benchmarks.scale import report
from benchmarks.scale.peers import IN_BATCH, PEERS, Peer
from benchmarks.scale.sizes import DEFAULT, DataSize, ratings_argument, size_of
from benchmarks.scale.whole_run import generate, run_pipeline

RESULTS = Path("benchmarks") / "results"
PAGE = Path("docs") / "scale.md"
WORK = Path("build") / "benchmarks" / "scale"
NAME = "scale"


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--ratings", type=ratings_argument, nargs="+", default=list(DEFAULT), metavar="N")
    add("--users", type=int, default=20_000, help="users of eval that are asked (default: 20000)")
    add(
        "--peers", nargs="*", choices=PEERS, default=list(PEERS), metavar="NAME", help=str([*PEERS])
    )
    add("--set", action="append", default=[], dest="assignments", help="setting of the runs")
    add("--work", type=Path, default=WORK, help=f"folder of data and runs (default: {WORK})")
    add("--results", type=Path, help="folder for tables and plot")
    add("--reuse", action="store_true", help="take sizes and peers that were measured before")
    return parser


def measure_size(size: DataSize, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measures one size.

    Raises:
        ChildError: Generation, run or split failed; a peer that fails is left out.
    """
    folder = (arguments.work / size.name).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log.txt"
    path = folder / "measured.json"
    key = {**vars(size), "asked": arguments.users, "set": arguments.assignments}
    measured = _measured_before(path, key) if arguments.reuse else None
    if measured is None:
        say(f"{size.name}: generating {size.ratings:,} ratings")
        generate(folder / "data", size.users, size.movies, size.ratings)
        say(f"{size.name}: running the pipeline")
        run = run_pipeline(folder / "data", folder / "runs", arguments.assignments)
        say(f"{size.name}: {run['status']} after {run['seconds']:.0f} s")
        options = ["--output", str(folder / "runs"), "--work", str(folder)]
        split = run_json("scale.world", *options, "--users", str(arguments.users), log=log)
        measured = {"key": key, "run": run, "split": split, "peers": {}}
        _write(path, measured)
    for name in arguments.peers:
        if name not in measured["peers"]:
            measured["peers"][name] = measure_peer(name, PEERS[name], folder, log)
            _write(path, measured)
            say(f"{size.name}: {name}: {_short(measured['peers'][name])}")
    return {
        **vars(size),
        "name": size.name,
        "run": measured["run"],
        "split": measured["split"],
        "peers": [measured["peers"][name] for name in PEERS if name in arguments.peers],
    }


def _measured_before(path: Path, key: dict[str, Any]) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    measured = json.loads(path.read_text(encoding="utf-8"))
    return measured if measured["key"] == key else None


def measure_peer(name: str, peer: Peer, folder: Path, log: Path) -> dict[str, Any]:
    """Measures a peer; of the in-batch trainings, each in its process, the best on validation."""
    try:
        if name != IN_BATCH:
            return run_json("scale.peer", name, "--work", str(folder), log=log)
        return best_on_validation(
            [
                run_json(
                    "scale.peer", name, "--work", str(folder), "--value", f"{value:g}", log=log
                )
                for value in peer.values
            ]
        )
    except ChildError as error:
        print(error, file=sys.stderr)
        return {"peer": name, "left_out": "failed (the log of the benchmark says why)"}


def best_on_validation(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Returns the row that was best on its validation part, with the accuracies of all there."""
    found: dict[str, float] = {}
    for row in rows:
        found |= row["notes"]["validation"]
    best = max(rows, key=lambda row: found[f"{row['notes']['value']:g}"])
    return {**best, "notes": {**best["notes"], "validation": found}}


def _short(row: dict[str, Any]) -> str:
    if "left_out" in row:
        return str(row["left_out"])
    return f"unseen top-100 {row['figures']['unseen_top_100_accuracy']:.4f}"


def say(text: str) -> None:
    """Tells on the terminal what happens."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def gather(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measures all sizes, the smallest first.

    Raises:
        ChildError: A part failed.
    """
    sizes = [size_of(ratings) for ratings in sorted(set(arguments.ratings))]
    return {
        "date": datetime.date.today().isoformat(),
        "command": " ".join(["python -m benchmarks.scale", *_changed(arguments)]),
        "machine": machine.describe(),
        "users": arguments.users,
        "sizes": [measure_size(size, arguments) for size in sizes],
    }


def _changed(arguments: argparse.Namespace) -> list[str]:
    """Returns the options that are not as by default and change the figures."""
    words = []
    if not _is_default(arguments):
        words += ["--ratings", *map(str, arguments.ratings)]
    return words + [word for text in arguments.assignments for word in ("--set", text)]


def _is_default(arguments: argparse.Namespace) -> bool:
    return sorted(set(arguments.ratings)) == sorted(DEFAULT)


def write(results: dict[str, Any], folder: Path, page: Path | None) -> Path:
    """Writes table, JSON and plot, and the section of the page; returns the path of the table."""
    from benchmarks.scale import drawing

    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{NAME}.json", results)
    drawing.draw(results["sizes"], folder / f"{NAME}.png")
    if page is not None and page.is_file():
        text = report.section(results, f"../{folder.as_posix()}/{NAME}.png")
        page.write_text(report.replaced(page.read_text(encoding="utf-8"), text), encoding="utf-8")
    path = folder / f"{NAME}.md"
    path.write_text(report.document(results), encoding="utf-8")
    return path


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and writes; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    published = _is_default(arguments) and not arguments.assignments and not arguments.results
    try:
        if published and PAGE.is_file():  # before the hours that the measurement takes
            report.replaced(PAGE.read_text(encoding="utf-8"), "")
        results = gather(arguments)
    except ValueError as error:
        print(f"error: {PAGE}: {error}", file=sys.stderr)
        return 2
    except ChildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    folder = arguments.results or (RESULTS if published else arguments.work)
    path = write(results, folder, PAGE if published else None)
    print(path.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
