"""The notebook's tuning section: its three rows and ours, by epoch, on the held-out ratings.

    python -m benchmarks.notebook_rows                       on the generated sample
    python -m benchmarks.notebook_rows --data-root ml-1m     on MovieLens-1M

The notebook's third row has a flaw: it compiled a new model around the towers that the second row
had trained, so its two epochs at learning rate .01 are epochs three and four of that training. Both
are shown: the row as it was run, and as it was meant, from new towers.

All rows are trained by components/trainer. The test rows are looked at after every epoch, as in the
notebook, to draw the curves; nothing is chosen by them.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine, tables
from benchmarks.split import World
from components.contracts.metric_names import TOP_K
from components.tensorflow_settings import prepare_tensorflow

ML_1M_RATINGS = 1_000_209
RESULTS = Path(__file__).parent / "results"
WORK = Path("build") / "benchmarks"
FLAW = (
    "The notebook's third row re-used the towers that its second row had trained: it is four "
    "epochs, not two. Trained anew, as it was meant, learning rate .01 is a different row."
)


LEGEND = (
    "Accuracies after the last epoch, on the held-out ratings of the random split; loss: mean of "
    "an interaction in the last epoch, in-batch softmax for the notebook's rows and full softmax "
    "for ours. What the notebook printed is of another random split and an older Keras."
)


@dataclass(frozen=True)
class Row:
    """One training.

    Attributes:
        title: For the table.
        preset: Preset of the settings.
        continues: Whether it goes on with the towers of the row before, as the notebook did.
        printed: What the notebook printed, top 1, 5, 10, 50, 100; empty for ours.
    """

    title: str
    preset: str
    continues: bool = False
    printed: tuple[float, ...] = ()


THIRD = (0.0028, 0.0189, 0.0360, 0.1349, 0.2205)
ROWS = (
    Row(
        "notebook: dim 32, lr .1, 5 epochs",
        "notebook-32",
        printed=(0.0026, 0.0169, 0.0317, 0.1237, 0.2056),
    ),
    Row(
        "notebook: dim 64, lr .1, 2 epochs",
        "notebook-64",
        printed=(0.0027, 0.0179, 0.0341, 0.1297, 0.2130),
    ),
    Row("notebook: dim 64, lr .01, 2 more epochs", "notebook-64-slow", True, THIRD),
    Row("as meant: dim 64, lr .01, 2 epochs", "notebook-64-slow"),
    Row("ours: default preset", "default"),
)


def eval_batch(inputs: Any, world: World) -> Any:
    """Returns the eval split as a validation batch of the Trainer (see inputs/batches.py).

    Movies that are not in train have no index of their own and cannot be found: they are counted,
    not asked for.

    Returns:
        The batch, and the share of the held-out ratings that it holds.
    """
    import tensorflow as tf

    split = world.split
    index = {movie: i for i, movie in enumerate(inputs.graph.movie_ids().tolist())}
    positions = np.array(
        [index.get(movie, -1) for movie in split.movie_ids.tolist()], dtype=np.int32
    )
    rows = inputs.summary.rows
    users = inputs.graph.user_index(tf.constant(split.user_ids)).numpy()
    row_of = {int(user): row for row, user in enumerate(rows.user_index.numpy())}
    targets = positions[split.eval_movie]
    known = (targets >= 0) & np.isin(users[split.eval_user], list(row_of))
    wanted, of_user = np.unique(split.eval_user[known], return_inverse=True)
    chosen = tf.constant([row_of[int(users[user])] for user in wanted], tf.int32)
    batch = {
        "user_index": tf.gather(rows.user_index, chosen),
        "history": tf.gather(rows.movies, chosen),
        "targets": tf.RaggedTensor.from_value_rowids(
            tf.constant(targets[known]), tf.constant(of_user.reshape(-1), tf.int64), len(wanted)
        ),
    }
    return batch, float(known.mean())


def train_row(
    inputs: Any, test: Any, share: float, config: Any, model: Any
) -> tuple[Any, list[dict[str, float]]]:
    """Trains one row, measured on the test rows after every epoch, or part of one.

    Args:
        inputs: The inputs.
        test: What `eval_batch` returned.
        share: Share of the held-out ratings in it.
        config: Settings of the Trainer, every value decided.
        model: A trained model to go on with, or None.

    Returns:
        The model; for each epoch its number, loss, seconds, accuracies by name.
    """
    import tensorflow as tf

    from components.trainer.fitting.callbacks import RoundFigures
    from components.trainer.fitting.optimizers import build_optimizer
    from components.trainer.fitting.top_k import TopKEvaluator
    from components.trainer.inputs.batches import training_data
    from components.trainer.model.two_tower import MODELS

    tf.keras.utils.set_random_seed(config.seed)
    if model is None:
        counts = inputs.summary.movie_counts
        model = MODELS[config.loss](config, inputs.graph.users, counts)
    data = training_data(inputs, config, model.query_tower.batching)
    model.add_linear_part(config, data.rows)
    model.compile(optimizer=build_optimizer(config, data.steps))
    model.train_step = tf.autograph.experimental.do_not_convert(model.train_step)
    catalogue = inputs.catalogue.indices_in(inputs.graph.movie_ids())
    evaluate = TopKEvaluator(test, catalogue, model)

    def figures() -> dict[str, float]:
        return {name: value * share for name, value in evaluate().items()}

    history = model.fit(
        data.batches,
        epochs=data.rounds,
        steps_per_epoch=data.steps_in_round,
        callbacks=[RoundFigures(figures, config.validate_every, data.rounds)],
        verbose=0,
    )
    return model, _by_round(history.history, config, data)


def _by_round(logs: dict[str, list[float]], config: Any, data: Any) -> list[dict[str, float]]:
    every = range(1, data.rounds + 1)
    epochs: list[dict[str, float]] = [{"epoch": data.passes_after(number)} for number in every]
    measured = [epochs[number - 1] for number in every if not number % config.validate_every]
    measured += [] if measured and measured[-1] is epochs[-1] else [epochs[-1]]
    for name, values in logs.items():
        positions = measured if name.startswith("val_") else epochs
        for epoch, value in zip(positions, values, strict=True):
            epoch[name.removeprefix("val_")] = float(value)
    return epochs


def train_rows(world: World, assignments: Sequence[str], every: int) -> list[dict[str, Any]]:
    """Trains all rows.

    Args:
        world: The data.
        assignments: `section.key=value` texts laid over every preset.
        every: Epochs between measurements of our own row.
    """
    from components.trainer.planning.plan import planned_config
    from pipeline.config.settings import load_config

    inputs = world.training_inputs()
    test, share = eval_batch(inputs, world)
    done: list[dict[str, Any]] = []
    model = None
    for row in ROWS:
        settings = load_config(row.preset, assignments=assignments).trainer
        config = planned_config(settings, inputs)
        config = config.model_copy(update={"validate_every": every if config.epochs > 9 else 1})
        start = time.perf_counter()
        model, epochs = train_row(inputs, test, share, config, model if row.continues else None)
        seconds = time.perf_counter() - start
        before = done[-1]["epochs"][-1]["epoch"] if row.continues else 0
        for epoch in epochs:
            epoch["epoch"] += before
        print(f"{row.title}: {seconds:.0f} s", file=sys.stderr, flush=True)
        done.append(
            {
                "title": row.title,
                "preset": row.preset,
                "printed": row.printed,
                "seconds": seconds,
                "fit_seconds": sum(epoch["seconds"] for epoch in epochs),
                "epochs": epochs,
            }
        )
    return done


def document(results: dict[str, Any]) -> str:
    """Returns the table as Markdown, the notebook's own figures under each of its rows."""
    from benchmarks.tables import table

    head = ["", *(f"top {k}" for k in TOP_K), "unseen 10", "unseen 100", "loss", "fit s"]
    body = []
    for row in results["rows"]:
        last = row["epochs"][-1]
        names = [*(f"top_{k}_accuracy" for k in TOP_K)]
        names += ["unseen_top_10_accuracy", "unseen_top_100_accuracy"]
        cells = [tables.share(last[name]) for name in names]
        body.append([row["title"], *cells, f"{last['loss']:.3f}", f"{row['fit_seconds']:.0f}"])
        if row["printed"] and results["ratings"] == ML_1M_RATINGS:
            printed = [tables.share(value) for value in row["printed"]]
            body.append(["…as the notebook printed it", *printed, *["–"] * 4])
    facts = "\n".join(f"- {name}: {value}" for name, value in results["machine"].items())
    title = f"# The notebook's rows and ours on {results['data']}"
    command = f"`python -m benchmarks.notebook_rows`, {results['date']}"
    return "\n\n".join([title, table(head, body), f"{FLAW} {LEGEND}", command, facts]) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Trains, writes table, JSON and drawing; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-root", type=Path, help="default: a generated sample")
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--every", type=int, default=2, help="epochs between measurements of ours")
    parser.add_argument("--set", action="append", default=[], dest="assignments")
    arguments = parser.parse_args(argv)
    prepare_tensorflow(log_level=2)
    from benchmarks import plots

    world = World.prepare(arguments.work, arguments.data_root)
    results = {
        "data": world.facts["name"],
        "ratings": world.facts["data"]["ratings"],
        "date": datetime.date.today().isoformat(),
        "machine": machine.describe(),
        "rows": train_rows(world, arguments.assignments, arguments.every),
    }
    arguments.results.mkdir(parents=True, exist_ok=True)
    base = arguments.results / f"{results['data']}-notebook"
    base.with_suffix(".json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    base.with_suffix(".md").write_text(document(results), encoding="utf-8")
    plots.draw_epochs(results["rows"], base.with_suffix(".png"))
    print(document(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
