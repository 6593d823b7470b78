"""Warm and cold start side by side, day by day: accuracy, epochs and seconds.

    python -m benchmarks.warm_start --data-root ml-1m --work days --days 4

The ratings are cut by time (benchmarks/daily_spans.py); each day adds a span to what is trained on.
The cold model of a day starts from nothing, the warm one from the warm one of the day before, the
first from the cold one. Measured is the validation part of train, after every epoch.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import tables
from benchmarks.daily_spans import cut
from components.tensorflow_settings import prepare_tensorflow

NAME = "val_unseen_top_100_accuracy"
# A difference that is noise between seeds.
AS_GOOD = 0.002


def reached(epochs: Sequence[dict[str, float]], accuracy: float) -> tuple[int, float] | None:
    """Returns epoch and seconds at which a training first had the accuracy; None if it never had.

    Args:
        epochs: Of its history, all validated.
        accuracy: What is asked for.
    """
    seconds = 0.0
    for epoch in epochs:
        seconds += epoch["seconds"]
        if epoch[NAME] >= accuracy:
            return int(epoch["epoch"]), seconds
    return None


def row(day: int, ratings: int, cold: list[dict[str, float]], warm: list[dict[str, float]]) -> list:
    """Returns a day's cells: both accuracies, and what each took to be as good as the cold end."""
    target = cold[-1][NAME] - AS_GOOD
    cells = [str(day), f"{ratings:,}"]
    for epochs in (cold, warm):
        first = reached(epochs, target)
        cells.append(tables.share(epochs[-1][NAME]))
        cells.append(f"{first[0]} of {len(epochs)}" if first else f"not in {len(epochs)}")
        cells.append(f"{first[1]:.0f}" if first else "–")
    return cells


def _weights(model: Any, inputs: Any) -> Any:
    from components.trainer.model.learned_weights import LearnedWeights

    weights = [variable.numpy() for variable in model.trainable_variables]
    return LearnedWeights(weights, model.learned_ids(inputs.graph), "")


def main(argv: Sequence[str] | None = None) -> int:
    """Trains day by day and prints the table; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-root", type=Path, required=True, help="folder of ML-1M")
    parser.add_argument("--work", type=Path, required=True, help="new folder for everything")
    parser.add_argument("--spans", type=int, default=10, help="spans after the first")
    parser.add_argument("--days", type=int, default=4, help="of them, the last ones are trained on")
    parser.add_argument("--base-share", type=float, default=0.5, help="ratings in the first span")
    parser.add_argument("--set", action="append", default=[], dest="assignments")
    arguments = parser.parse_args(argv)
    prepare_tensorflow(log_level=2)
    from benchmarks.split import World
    from benchmarks.tables import table
    from components.trainer.fitting.fit import fit
    from components.trainer.planning.plan import planned_config
    from pipeline.config.settings import load_config

    settings = load_config(assignments=arguments.assignments).trainer
    settings = settings.model_copy(update={"validate_every": 1})
    spans, root = arguments.work / "spans", arguments.work / "data"
    cut(arguments.data_root, spans, arguments.spans, arguments.base_share)
    root.mkdir()
    previous, body = None, []
    for day in range(arguments.spans + 1):
        shutil.move(spans / f"span-{day}", root / f"span-{day}")
        if day < arguments.spans - arguments.days:
            continue
        inputs = World.prepare(arguments.work / f"day-{day}", root).training_inputs()
        config = planned_config(settings, inputs)
        cold = fit(inputs, config)
        if previous is None:
            previous = _weights(cold.model, inputs)
            continue
        warm = fit(inputs, config, previous=previous)
        previous = _weights(warm.model, inputs)
        body.append(row(day, inputs.summary.rows.interactions, cold.epochs, warm.epochs))
        print(*body[-1], file=sys.stderr, flush=True)
    head = ["day", "train ratings", "cold", "epochs", "s", "warm", "epochs", "s"]
    print(table(head, body))
    return 0


if __name__ == "__main__":
    sys.exit(main())
