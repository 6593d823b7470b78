"""Decayed transitions alone: the closed form of our sequence tower, without training."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.contenders import Fitted, Options
from benchmarks.scoring import rank
from benchmarks.split import World


def fit(world: World, options: Options) -> Fitted:
    """Fits the regression of the default settings, at full rank."""
    import tensorflow as tf

    from components.trainer.config import TrainerConfig
    from components.trainer.model.sequence.transition_part import TransitionPart
    from components.trainer.model.sequence.transitions import fit_transitions

    inputs = world.training_inputs()
    rows, movies = inputs.summary.rows, inputs.graph.movies
    config = TrainerConfig()
    start = time.perf_counter()
    part = TransitionPart(fit_transitions(rows, movies, movies, config.transition_ridge))
    seconds = time.perf_counter() - start
    # Places of the split: users in order of their ids, movies in that of the catalogue.
    place = {user: number for number, user in enumerate(world.split.user_ids.tolist())}
    row_of = np.zeros(world.split.users, np.int64)
    for row, user in enumerate(inputs.graph.user_ids()[rows.user_index.numpy()]):
        row_of[place[user]] = row
    columns = inputs.catalogue.indices_in(inputs.graph.movie_ids())

    def scores_of(users: np.ndarray) -> np.ndarray:
        queries = part(tf.gather(rows.movies, row_of[users]))
        scores = tf.matmul(queries, part.table, transpose_b=True).numpy()
        return scores[:, columns]

    notes = {"settings": f"λ {config.transition_ridge:g}, full rank"}
    return Fitted(lambda: rank(scores_of, world.split), seconds, notes)
