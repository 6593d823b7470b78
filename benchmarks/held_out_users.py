"""Users whom training never saw: recommended to from their histories, as by recommend_from_history.

    python -m benchmarks.held_out_users --data-root ml-1m
    python -m benchmarks.held_out_users --data-root ml-1m --set trainer.loss=in_batch

One model is trained on all users, one without every tenth. Both are asked for the held-out ratings
of that tenth, with the same histories.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import tables
from benchmarks.notebook_rows import WORK, eval_batch
from benchmarks.split import World
from components.tensorflow_settings import prepare_tensorflow

EVERY = 10
NAMES = (
    "top_10_accuracy",
    "top_100_accuracy",
    "unseen_top_10_accuracy",
    "unseen_top_100_accuracy",
)


def without(inputs: Any, left_out: np.ndarray) -> Any:
    """Returns the inputs without some users.

    Args:
        inputs: The inputs.
        left_out: Their indices, int [n].
    """
    import tensorflow as tf

    from components.trainer.inputs.user_rows import UserRows

    rows = inputs.summary.rows
    keep = ~np.isin(rows.user_index.numpy(), left_out)
    kept = UserRows(rows.user_index[keep], tf.ragged.boolean_mask(rows.movies, keep))
    counts = np.bincount(kept.movies.flat_values.numpy(), minlength=inputs.graph.movies + 1)
    summary = dataclasses.replace(
        inputs.summary,
        users=kept.users,
        interactions=kept.interactions,
        movie_counts=counts,
        rows=kept,
    )
    return dataclasses.replace(inputs, summary=summary)


def of_users(batch: Any, asked: np.ndarray) -> Any:
    """Returns the rows of a batch that are of some users, int [n]."""
    import tensorflow as tf

    keep = np.isin(batch["user_index"].numpy(), asked)
    return {name: tf.ragged.boolean_mask(value, keep) for name, value in batch.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Trains twice and prints the table; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-root", type=Path, help="default: a generated sample")
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--preset", default="default")
    parser.add_argument("--set", action="append", default=[], dest="assignments")
    arguments = parser.parse_args(argv)
    prepare_tensorflow(log_level=2)
    from benchmarks.tables import table
    from components.trainer.fitting.fit import fit
    from components.trainer.fitting.top_k import TopKEvaluator
    from components.trainer.planning.plan import planned_config
    from pipeline.config.settings import load_config

    world = World.prepare(arguments.work, arguments.data_root)
    settings = load_config(arguments.preset, assignments=arguments.assignments).trainer
    inputs = world.training_inputs()
    config = planned_config(settings, inputs)
    everybody, share = eval_batch(inputs, world)
    tenth = np.arange(0, inputs.graph.users, EVERY)
    positions = inputs.catalogue.indices_in(inputs.graph.movie_ids())
    body = []
    for title, given in (("all users", inputs), ("without a tenth", without(inputs, tenth))):
        start = time.perf_counter()
        model = fit(given, config).model
        seconds = time.perf_counter() - start
        for asked, batch in (("everybody", everybody), ("the tenth", of_users(everybody, tenth))):
            if asked == "everybody" and given is not inputs:
                continue
            actual = TopKEvaluator(batch, positions, model)()
            cells = [tables.share(actual[name] * share) for name in NAMES]
            body.append([title, asked, *cells, f"{seconds:.0f}"])
    head = ["trained on", "asked", "top 10", "top 100", "unseen 10", "unseen 100", "fit s"]
    print(table(head, body))
    return 0


if __name__ == "__main__":
    sys.exit(main())
