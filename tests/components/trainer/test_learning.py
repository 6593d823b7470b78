"""Learning, proved: a planted structure is recovered, and not without learning."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.fitting.fit import Fitted, fit
from components.trainer.inputs.training_inputs import TrainingInputs, read_training_inputs
from tests.components.trainer.synthetic import World

SMALL = {
    "embedding_dim": 16,
    "batch_size": 32,
    "epochs": 20,
    "learning_rate": 0.03,
    "dropout": 0.1,
    "weight_decay": 0.0,
    "linear_rank": 0,
    "validation_users": 0.0,
}
VARIANTS = {
    "history-full_softmax": {},
    "history-full_softmax-linear_part": {"linear_rank": 8},
    "user_id-full_softmax": {"query": "user_id", "learning_rate": 0.1, "embedding_dim": 4},
    "history-in_batch": {"loss": "in_batch", "batch_pairs": 128},
    "user_id-in_batch": {
        "query": "user_id",
        "loss": "in_batch",
        "batch_size": 128,
        "optimizer": "adagrad",
        "learning_rate": 0.3,
    },
}


def held_out_share(fitted: Fitted, training_inputs: TrainingInputs, world: World) -> float:
    """Returns the share of the held-out movies among each user's three best unseen ones."""
    ids = training_inputs.graph.movie_ids().tolist()
    users = tf.constant(list(world.train))
    index = {movie.decode(): position for position, movie in enumerate(ids)}
    scores = fitted.model.scores(
        {
            "user_index": tf.cast(training_inputs.graph.user_index(users), tf.int32),
            "history": tf.ragged.constant(
                [[index[movie] for movie in movies] for movies in world.train.values()], tf.int32
            ),
        }
    ).numpy()
    actual = 0
    for row, user in zip(scores, world.train, strict=True):
        row[[index[movie] for movie in world.train[user]]] = -np.inf
        best = {ids[position].decode() for position in np.argsort(-row[: len(ids)])[:3]}
        actual += len(best & set(world.held_out[user]))
    return actual / sum(map(len, world.held_out.values()))


@pytest.mark.parametrize("variant", VARIANTS)
def test_fit_recovers_planted_tastes(
    variant: str, training_inputs: TrainingInputs, world: World
) -> None:
    fitted = fit(training_inputs, TrainerConfig(**{**SMALL, **VARIANTS[variant]}))
    assert held_out_share(fitted, training_inputs, world) > 0.95
    assert fitted.epochs[-1]["loss"] < fitted.epochs[0]["loss"]


@pytest.mark.parametrize("query", ["history", "user_id"])
def test_fit_with_learning_rate_zero_learns_nothing(
    query: str, training_inputs: TrainingInputs, world: World
) -> None:
    config = TrainerConfig(
        **{**SMALL, "query": query, "learning_rate": 0.0, "epochs": 2, "linear_rank": 8}
    )
    fitted = fit(training_inputs, config)
    # Chance is .07. A history tower's scores follow the history even so (an embedding is most like
    # itself), but only through movies that are removed here.
    assert held_out_share(fitted, training_inputs, world) < 0.3


def test_fit_with_shuffled_labels_learns_no_taste(
    training_inputs: TrainingInputs, world: World
) -> None:
    fitted = fit(training_inputs, TrainerConfig(**{**SMALL, "linear_rank": 8}, shuffle_labels=True))
    assert held_out_share(fitted, training_inputs, world) < 0.3


def test_fit_with_the_same_seed_gives_the_same_figures(training_inputs: TrainingInputs) -> None:
    config = TrainerConfig(**{**SMALL, "epochs": 2, "validation_users": 0.5, "dropout": 0.5})
    config = config.model_copy(update={"linear_rank": 8})
    first, second = fit(training_inputs, config), fit(training_inputs, config)
    other = fit(training_inputs, config.model_copy(update={"seed": 7}))
    assert _figures(first) == _figures(second)
    assert _figures(first) != _figures(other)


def test_linear_part_alone_knows_planted_tastes(
    training_inputs: TrainingInputs, world: World
) -> None:
    # A learning rate of nearly zero: all that is known comes from the closed form.
    settings = {"learning_rate": 1e-9, "epochs": 1, "linear_rank": 8, "linear_weight": 100.0}
    fitted = fit(training_inputs, TrainerConfig(**{**SMALL, **settings}))
    assert held_out_share(fitted, training_inputs, world) > 0.95


def test_fit_from_a_stream_learns_as_from_memory(world: World) -> None:
    streamed = read_training_inputs(
        world.example_files, world.movie_files, world.transform_graph, 0
    )
    assert streamed.summary.rows is None
    fitted = fit(streamed, TrainerConfig(**SMALL))
    assert held_out_share(fitted, streamed, world) > 0.95


def _figures(fitted: Fitted) -> list[dict[str, float]]:
    return [
        {name: value for name, value in epoch.items() if name != "seconds"}
        for epoch in fitted.epochs
    ]
