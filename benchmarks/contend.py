"""Runs one contender in this process and prints its figures as JSON.

Use: python -m benchmarks.contend ease --work DIR
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS, Fitted, Options
from benchmarks.machine import peak_memory
from benchmarks.scoring import accuracy
from benchmarks.split import World
from components.tensorflow_settings import prepare_tensorflow

# Arguments of a contender's fit that are not in the options.
EXTRA: dict[str, dict[str, Any]] = {
    "notebook-metrics": {"metrics": True},
    "history": {"assignments": ("trainer.query=history",)},
}


def contend(name: str, world: World, options: Options) -> dict[str, Any]:
    """Trains and evaluates a contender.

    Args:
        name: A key of CONTENDERS.
        world: The data.
        options: What can be changed.

    Returns:
        `fit_seconds`, `evaluation_seconds` and `figures` (None where it was timed only),
        `peak_bytes` of this process, `notes`.
    """
    module = importlib.import_module(f"benchmarks.contenders.{CONTENDERS[name][0]}")
    extra = EXTRA.get(name, {})
    fitted: Fitted = module.fit(world, options, **extra)
    figures = seconds = None
    if fitted.lists is not None:
        start = time.perf_counter()
        figures = accuracy(fitted.lists(), world.split)
        seconds = time.perf_counter() - start
    return {
        "contender": name,
        "fit_seconds": fitted.fit_seconds,
        "evaluation_seconds": seconds,
        "figures": figures,
        "peak_bytes": peak_memory(),
        "notes": fitted.notes,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one contender; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("contender", choices=CONTENDERS)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--notebook-epochs", type=int, default=Options.notebook_epochs)
    parser.add_argument("--notebook-steps", type=int, default=Options.notebook_steps)
    parser.add_argument("--set", action="append", default=[], dest="assignments")
    parser.add_argument("--preset", default=Options.preset)
    parser.add_argument("--seed", type=int, default=Options.seed)
    parser.add_argument("--sasrec-epochs", type=int, default=Options.sasrec_epochs)
    arguments = parser.parse_args(argv)
    prepare_tensorflow()
    options = Options(
        arguments.notebook_epochs,
        arguments.notebook_steps,
        tuple(arguments.assignments),
        arguments.preset,
        arguments.seed,
        arguments.sasrec_epochs,
    )
    result = contend(arguments.contender, World.open(arguments.work), options)
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
