"""Fits one peer in this process, measures it on the sample of users, and prints JSON.

python -m benchmarks.scale.peer als --work DIR
python -m benchmarks.scale.peer in-batch --work DIR --value 0.01
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contenders import Fitted, Options
from benchmarks.machine import peak_memory
from benchmarks.scale import planted
from benchmarks.scale.peers import IN_BATCH, OURS, PEERS, PLANTED, ease_memory
from benchmarks.scale.validation import validation_split
from benchmarks.scoring import accuracy, rank
from benchmarks.split import Split, World
from components.tensorflow_settings import prepare_tensorflow

CHOSEN_BY = "unseen_top_100_accuracy"
DIM = 32

# Fits to a split with a value of its setting: the scores of users int32 [n], float [n, movies].
Fit = Callable[[Split, float], Callable[[np.ndarray], np.ndarray]]


class TooLargeError(Exception):
    """A peer that does not fit the memory; the message says what it would take."""


def choose(fit: Fit, split: Split, values: Sequence[float]) -> tuple[float, dict[float, float]]:
    """Returns the value that is best on a validation part of train, and the accuracy of each."""
    part = validation_split(split)
    found = {value: accuracy(rank(fit(part, value), part), part)[CHOSEN_BY] for value in values}
    return max(values, key=found.__getitem__), found


def fit_als(split: Split, regularization: float) -> Callable[[np.ndarray], np.ndarray]:
    """Alternates."""
    from benchmarks.contenders.implicit_als import factorise

    users, movies = factorise(split.matrix, regularization)
    return lambda asked: users[asked] @ movies.T


def fit_ease(split: Split, ridge: float) -> Callable[[np.ndarray], np.ndarray]:
    """Inverts."""
    from benchmarks.contenders.ease import item_weights

    matrix = split.matrix
    weights = item_weights((matrix.T @ matrix).toarray(), ridge)
    return lambda asked: matrix[asked] @ weights


def check_ease(movies: int, available: int | None) -> None:
    """Refuses EASE where it does not fit.

    Raises:
        TooLargeError: It does not.
    """
    needed = ease_memory(movies)
    if available is not None and needed > available:
        raise TooLargeError(
            f"needs {needed / 2**30:,.0f} GiB for {movies:,}² movies, "
            f"{available / 2**30:.0f} GiB are free"
        )


def fit_of_best(name: str, fit: Fit, split: Split) -> Fitted:
    """Fits with the value that is best on validation, timed; choosing is not in the time."""
    start = time.perf_counter()
    value, found = choose(fit, split, PEERS[name].values)
    choosing = time.perf_counter() - start
    start = time.perf_counter()
    scores = fit(split, value)
    seconds = time.perf_counter() - start
    notes = {"value": value, "validation": _texts(found), "choosing_seconds": choosing}
    return Fitted(lambda: rank(scores, split), seconds, notes)


def _texts(found: dict[float, float]) -> dict[str, float]:
    return {f"{value:g}": accuracy for value, accuracy in found.items()}


def fit_in_batch(world: World, rate: float, extra: Sequence[str]) -> Fitted:
    """Trains by components/trainer with in-batch negatives; lists from the exported model."""
    from benchmarks.contenders import two_tower
    from components.trainer.train import train
    from pipeline.config.settings import load_config

    assignments = ["trainer.loss=in_batch", f"trainer.embedding_dim={DIM}", *extra]
    assignments.append(f"trainer.learning_rate={rate}")
    folder = world.folder / f"{IN_BATCH}-{rate:g}"
    history = train(
        world.files("examples", "train"),
        world.files("movies", "movies"),
        world.facts["transform_graph"],
        str(folder / "model"),
        str(folder / "run"),
        load_config(assignments=assignments).trainer,
    )
    notes = {
        "value": rate,
        "validation": {f"{rate:g}": history.epochs[-1][f"val_{CHOSEN_BY}"]},
        "chosen": history.plan["chosen"],
        "seconds": history.seconds,
    }
    return Fitted(lambda: two_tower.lists(folder / "model", world), history.seconds["fit"], notes)


def open_ours(world: World) -> Fitted:
    """Opens the model that the run trained; how long that took stands in the run's record."""
    from benchmarks.contenders import two_tower

    return Fitted(lambda: two_tower.lists(Path(world.facts["model"]), world), float("nan"))


def fit_peer(name: str, world: World, value: float, extra: Sequence[str] = ()) -> Fitted:
    """Fits a peer.

    Args:
        name: A key of PEERS.
        world: The data.
        value: The learning rate of in-batch; not looked at for others.
        extra: `trainer.key=value` texts for in-batch.

    Raises:
        TooLargeError: It does not fit the memory.
    """
    from benchmarks.contenders import popularity

    if name == OURS:
        return open_ours(world)
    if name == PLANTED:
        return planted.fit(world)
    if name == IN_BATCH:
        return fit_in_batch(world, value, extra)
    if name == "als":
        return fit_of_best(name, fit_als, world.split)
    if name == "ease":
        from components.trainer.planning.memory import available_memory

        check_ease(world.split.movies, available_memory())
        return fit_of_best(name, fit_ease, world.split)
    return popularity.fit(world, Options())


def measure(name: str, world: World, value: float = 0.0, extra: Sequence[str] = ()) -> Any:
    """Fits and measures a peer.

    Returns:
        `peer`, `figures` by name, `fit_seconds`, `evaluation_seconds`, `peak_bytes` of this
        process, `notes`; with `left_out` in their place where it does not fit the memory.
    """
    try:
        fitted = fit_peer(name, world, value, extra)
    except TooLargeError as error:
        return {"peer": name, "left_out": str(error)}
    assert fitted.lists is not None
    start = time.perf_counter()
    figures = accuracy(fitted.lists(), world.split)
    return {
        "peer": name,
        "figures": figures,
        "fit_seconds": None if np.isnan(fitted.fit_seconds) else fitted.fit_seconds,
        "evaluation_seconds": time.perf_counter() - start,
        "peak_bytes": peak_memory(),
        "notes": fitted.notes,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measures one peer; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--work", type=Path, required=True, help="folder of the world")
    parser.add_argument("--value", type=float, default=0.0, help="learning rate of in-batch")
    parser.add_argument("--set", action="append", default=[], dest="assignments")
    arguments = parser.parse_args(argv)
    prepare_tensorflow()
    world = World.open(arguments.work)
    print(json.dumps(measure(arguments.peer, world, arguments.value, arguments.assignments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
