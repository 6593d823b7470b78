"""Measures recommenders on one split, the Evaluator and the index: `make bench`.

    python -m benchmarks                          on the generated sample
    python -m benchmarks --data-root ml-1m        on MovieLens-1M
    python -m benchmarks --data-root ml-1m --protocol next-movie     what comes next

Writes <results>/<data>.md, .json and drawings. Each contender runs in a process of its own, in turn
(A B C A B C), so that a busy minute of the machine does not fall on one of them.
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

from benchmarks import machine, plots, tables
from benchmarks.contenders import CONTENDERS, ENVIRONMENTS, ONCE, Options
from benchmarks.processes import ChildError, run, run_json
from benchmarks.protocols import PROTOCOLS
from benchmarks.split import World
from benchmarks.summary import summarise

RESULTS = Path(__file__).parent / "results"
WORK = Path("build") / "benchmarks"
PARTS = ("contenders", "evaluator", "index")


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--data-root", type=Path, help="folder of rating files (default: a generated sample)")
    add("--work", type=Path, default=WORK, help=f"folder for split and models (default: {WORK})")
    add("--results", type=Path, default=RESULTS, help="folder for tables and drawings")
    add(
        "--rounds",
        type=int,
        default=3,
        help=f"runs of each contender, with seeds from {Options.seed} on (default: 3)",
    )
    add(
        "--protocol", choices=PROTOCOLS, default="random", help="what is held out (default: random)"
    )
    add("--contenders", nargs="+", choices=CONTENDERS, metavar="NAME", help=str(list(CONTENDERS)))
    add(
        "--parts",
        nargs="+",
        choices=PARTS,
        metavar="PART",
        help=f"{PARTS}; with another protocol than random the contenders alone",
    )
    add(
        "--notebook-epochs",
        type=int,
        default=Options.notebook_epochs,
        help="passes of the notebook's loop (default: 5); its loops run once, not every round",
    )
    add(
        "--notebook-steps",
        type=int,
        default=Options.notebook_steps,
        help="steps timed with its metrics on, and extrapolated; 0: all of them (default: 8)",
    )
    add(
        "--sasrec-epochs",
        type=int,
        default=Options.sasrec_epochs,
        help=f"passes of SASRec, which runs once (default: {Options.sasrec_epochs})",
    )
    add("--split-salt", default="", help="salt of the random split (default: the pipeline's)")
    add("--sizes", type=int, nargs="+", help="catalogue sizes of the index")
    add("--set", action="append", default=[], dest="assignments", help="setting of our trainer")
    return parser


def run_contenders(arguments: argparse.Namespace, work: Path) -> list[dict[str, Any]]:
    """Runs the contenders in turn; returns all runs."""
    runs = []
    for number in range(1, arguments.rounds + 1):
        for name in arguments.contenders:
            if number > 1 and name in ONCE:
                continue
            seed = str(Options.seed + number - 1)
            options = ["--work", str(work), "--seed", seed, *_options(arguments)]
            python = python_of(name)
            assert python is not None, name
            created = run_json("contend", name, *options, log=_log(arguments), python=python)
            runs.append(created)
            quality = (created["figures"] or {}).get("unseen_top_100_accuracy")
            _say(
                f"round {number}: {name}: fit {created['fit_seconds']:.1f} s"
                + (f", unseen top-100 {quality:.4f}" if quality is not None else "")
            )
    return runs


def python_of(contender: str, folder: Path = Path()) -> str | None:
    """Returns the interpreter that has a contender's packages; None where it is not set up.

    Args:
        contender: A key of CONTENDERS.
        folder: Where the environments are.
    """
    if contender not in ENVIRONMENTS:
        return sys.executable
    python = folder / ENVIRONMENTS[contender] / "bin" / "python"
    return str(python.absolute()) if python.exists() else None


def there(contenders: Sequence[str]) -> list[str]:
    """Returns the contenders that can run here; says what is missing of the others."""
    missing = [name for name in contenders if python_of(name) is None]
    for name in missing:
        _say(f"{name} is left out: it needs {ENVIRONMENTS[name]} (make peers)")
    return [name for name in contenders if name not in missing]


def _options(arguments: argparse.Namespace) -> list[str]:
    options = ["--notebook-epochs", str(arguments.notebook_epochs)]
    options += ["--sasrec-epochs", str(arguments.sasrec_epochs)]
    options += ["--notebook-steps", str(arguments.notebook_steps)]
    options += ["--preset", PROTOCOLS[arguments.protocol].preset]
    return options + [part for text in arguments.assignments for part in ("--set", text)]


def _log(arguments: argparse.Namespace) -> Path:
    return arguments.work / "log.txt"


def _say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def _prepare(arguments: argparse.Namespace) -> World:
    _say("split: the pipeline's ExampleGen and Transform")
    options = ["--work", str(arguments.work)]
    if arguments.data_root is not None:
        options += ["--data-root", str(arguments.data_root)]
    if arguments.split_salt:
        options += ["--set", f"split.salt={arguments.split_salt}"]
    for assignment in PROTOCOLS[arguments.protocol].assignments:
        options += ["--set", assignment]
    run("prepare", *options, log=_log(arguments))
    return World.open(arguments.work)


def _facts(world: World, arguments: argparse.Namespace) -> dict[str, Any]:
    split = world.split
    salt = f", salt {arguments.split_salt}" if arguments.split_salt else ""
    return {
        "name": world.facts["name"],
        "users": split.users,
        "movies": split.movies,
        "train": len(split.train_user),
        "eval": len(split.eval_user),
        "split": f"{PROTOCOLS[arguments.protocol].title}{salt}",
    }


def gather(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measures everything that is asked for.

    Raises:
        ChildError: A part failed.
    """
    protocol = PROTOCOLS[arguments.protocol]
    arguments.contenders = there(arguments.contenders or protocol.contenders)
    arguments.parts = arguments.parts or list(PARTS if not protocol.suffix else PARTS[:1])
    arguments.work = arguments.work / arguments.protocol if protocol.suffix else arguments.work
    world = _prepare(arguments)
    results: dict[str, Any] = {
        "data": _facts(world, arguments),
        "date": datetime.date.today().isoformat(),
        "command": f"python -m benchmarks --protocol {arguments.protocol}",
        "protocol": arguments.protocol,
        "machine": machine.describe(),
        "contenders": [],
    }
    if "contenders" in arguments.parts:
        runs = run_contenders(arguments, arguments.work)
        results |= {"contenders": summarise(runs), "runs": runs}
    if "evaluator" in arguments.parts:
        _say("Evaluator")
        results["evaluator"] = run_json(
            "evaluator", "--work", str(arguments.work), log=_log(arguments)
        )
    if "index" in arguments.parts:
        _say("index")
        sizes = ["--sizes", *map(str, arguments.sizes)] if arguments.sizes else []
        results["index_latency"] = run_json("index_latency", *sizes, log=_log(arguments))
    return results


def write(results: dict[str, Any], folder: Path) -> Path:
    """Writes table, JSON and drawings; returns the path of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    name = results["data"]["name"] + PROTOCOLS[results.get("protocol", "random")].suffix
    (folder / f"{name}.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    if results["contenders"]:
        plots.draw_contenders(results["contenders"], folder / f"{name}-contenders.png")
    if "index_latency" in results:
        plots.draw_index_latency(results["index_latency"], folder / f"{name}-index.png")
    path = folder / f"{name}.md"
    path.write_text(tables.document(results), encoding="utf-8")
    return path


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and writes; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    try:
        path = write(gather(arguments), arguments.results)
    except ChildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(path.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
