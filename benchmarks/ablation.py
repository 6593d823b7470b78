"""What a setting of the Trainer is worth: accuracy on a validation part of train, against ours.

    python -m benchmarks.ablation --data-root ml-1m
    python -m benchmarks.ablation --data-root ml-1m --variant trainer.epochs=30 --seeds 42 43 44
    python -m benchmarks.ablation --data-root ml-1m --protocol next-movie --seeds 42

A variant is one or more settings, `A;B`. Of half of the users a fifth of the train interactions is
held out of training and asked for; with next-movie the last train interaction of every user. The
test rows are not looked at. A seed changes initial values, dropout and that part, so variants are
compared within a seed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import tables
from benchmarks.notebook_rows import WORK
from benchmarks.protocols import PROTOCOLS
from benchmarks.split import World
from components.tensorflow_settings import prepare_tensorflow

_ALL_USERS = "trainer.most_validation_users=1000000"
VALIDATION = {
    "random": ("trainer.validation_users=0.5", "trainer.validation_fraction=0.2", _ALL_USERS),
    "next-movie": ("trainer.validation_users=1", _ALL_USERS),
}
NAMES = ("val_unseen_top_10_accuracy", "val_unseen_top_100_accuracy")
OURS = "ours"
VARIANTS = {
    "random": (
        "trainer.movie_features=[genres]",
        "trainer.movie_features=[year]",
        "trainer.user_features=[gender,age,occupation]",
        "trainer.movie_features=[genres,year];trainer.user_features=[gender,age,occupation]",
    ),
    "next-movie": (
        "trainer.query=history",
        "trainer.learning_rate=1e-9;trainer.epochs=1;trainer.transition_weight=100",
        "trainer.transition_weight=0",
        "trainer.transition_rank=0",
        "trainer.blocks=0",
        "trainer.next_targets=1",
    ),
}


def measure(
    inputs: Any,
    variants: Sequence[str],
    seeds: Sequence[int],
    base: Sequence[str],
    preset: str = "default",
) -> Any:
    """Trains every variant with every seed.

    Args:
        inputs: The inputs.
        variants: Settings, several divided by `;`.
        seeds: Seeds of the Trainer.
        base: Settings of all, `ours` among them.
        preset: Preset of all.

    Returns:
        By variant, `ours` first: for each seed the last epoch's figures.
    """
    from components.trainer.fitting.fit import fit
    from components.trainer.planning.plan import planned_config
    from pipeline.config.settings import load_config

    found: dict[str, list[dict[str, float]]] = {name: [] for name in (OURS, *variants)}
    for seed in seeds:
        for name, figures in found.items():
            own = [] if name == OURS else name.split(";")
            assignments = [*base, *own, f"trainer.seed={seed}"]
            settings = load_config(preset, assignments=assignments).trainer
            config = planned_config(settings, inputs)
            # More than there are rounds: then the last alone is validated.
            rounds = max(config.epochs, config.steps)
            once = config.model_copy(update={"validate_every": rounds})
            figures.append(fit(inputs, once).epochs[-1])
            print(name, seed, *(figures[-1][key] for key in NAMES), file=sys.stderr, flush=True)
    return found


def rows(found: dict[str, list[dict[str, float]]]) -> list[list[str]]:
    """Returns each variant's cells: mean accuracies, and of top-100 what it adds for each seed."""
    ours = [figures[NAMES[1]] for figures in found[OURS]]
    body = []
    for name, runs in found.items():
        means = [sum(figures[key] for figures in runs) / len(runs) for key in NAMES]
        added = [figures[NAMES[1]] - base for figures, base in zip(runs, ours, strict=True)]
        differences = "" if name == OURS else ", ".join(f"{value:+.4f}" for value in added)
        cells = [tables.share(mean) for mean in means]
        body.append([name.replace("trainer.", ""), *cells, differences])
    return body


def main(argv: Sequence[str] | None = None) -> int:
    """Trains and prints the table; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-root", type=Path, help="default: a generated sample")
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--protocol", choices=PROTOCOLS, default="random")
    parser.add_argument(
        "--variant", action="append", dest="variants", help="default: those of the protocol"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 43])
    parser.add_argument("--set", action="append", default=[], dest="assignments")
    arguments = parser.parse_args(argv)
    prepare_tensorflow(log_level=2)
    from benchmarks.tables import table

    protocol = PROTOCOLS[arguments.protocol]
    folder = arguments.work / arguments.protocol if protocol.suffix else arguments.work
    world = World.prepare(folder, arguments.data_root, protocol.assignments)
    variants = arguments.variants or VARIANTS[arguments.protocol]
    base = [*VALIDATION[arguments.protocol], *arguments.assignments]
    inputs = world.training_inputs()
    found = measure(inputs, variants, arguments.seeds, base, protocol.preset)
    print(table(["variant", "unseen 10", "unseen 100", "top-100 against ours"], rows(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
