"""Learning, proved: a planted structure is recovered, and not without learning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.export.index_model import IndexModel
from components.trainer.fitting.fit import Fitted, fit
from components.trainer.inputs.training_inputs import TrainingInputs, read_training_inputs
from tests.components.trainer.synthetic import World, weighted_world, write_world

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
    "history-sampled_softmax": {"loss": "sampled_softmax", "negatives": 12},
    "user_id-sampled_softmax": {
        "query": "user_id",
        "loss": "sampled_softmax",
        "negatives": 12,
        "learning_rate": 0.1,
        "embedding_dim": 4,
    },
    "history-full_softmax-bfloat16": {"precision": "bfloat16"},
    "history-sampled_softmax-bfloat16": {
        "loss": "sampled_softmax",
        "negatives": 12,
        "precision": "bfloat16",
    },
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


@pytest.fixture(scope="module")
def bought_inputs(bought_world: World) -> TrainingInputs:
    return read_inputs(bought_world)


def read_inputs(world: World) -> TrainingInputs:
    return read_training_inputs(world.example_files, world.movie_files, world.transform_graph)


def bought_share(fitted: Fitted, inputs: TrainingInputs, world: World) -> float:
    """Returns the share of the bought block among each user's six best unseen movies."""
    rows, weights = inputs.summary.rows, {}
    if fitted.config.weights == "auto" and rows.weights is not None:
        weights["history_weights"] = rows.weights
    batch = {"user_index": rows.user_index, "history": rows.movies, **weights}
    movies, users = inputs.graph.movie_ids(), inputs.graph.user_ids()
    found = 0
    for scores, user, seen in zip(
        fitted.model.scores(batch).numpy()[:, : len(movies)],
        rows.user_index.numpy(),
        rows.movies.to_list(),
        strict=True,
    ):
        scores[seen] = -np.inf
        best = {movies[position].decode() for position in np.argsort(-scores)[:6]}
        found += len(best & set(world.held_out[users[user].decode()]))
    return found / (6 * rows.users)


@pytest.mark.parametrize("variant", VARIANTS)
def test_fit_with_weights_ranks_what_is_bought_above_what_is_viewed(
    variant: str, bought_inputs: TrainingInputs, bought_world: World
) -> None:
    share = {
        weights: bought_share(fitted, bought_inputs, bought_world)
        for weights in ("none", "auto")
        for fitted in [
            fit(bought_inputs, TrainerConfig(**{**SMALL, **VARIANTS[variant], "weights": weights}))
        ]
    }
    # A user has as many movies of both blocks: without weights half of the best is bought.
    assert share["none"] < 0.6
    assert share["auto"] > 0.65
    assert share["auto"] > share["none"] + 0.15


def test_fit_with_weights_alone_knows_what_is_bought(tmp_path: Path) -> None:
    # Every two blocks are bought and viewed both ways round: only the user's weights tell.
    world = weighted_world(tmp_path, symmetric=True)
    inputs = read_inputs(world)
    assert bought_share(fit(inputs, TrainerConfig(**SMALL)), inputs, world) > 0.9


@pytest.fixture(scope="module")
def equal_inputs(tmp_path_factory: pytest.TempPathFactory) -> TrainingInputs:
    """The inputs of a small world in which all weights are 3."""
    train = {f"u{user}": [f"m{(user + step) % 7}" for step in range(4)] for user in range(12)}
    titles, weights = {f"m{movie}": "" for movie in range(7)}, {user: [3.0] * 4 for user in train}
    folder = tmp_path_factory.mktemp("equal")
    return read_inputs(write_world(folder, train, {}, titles, weights))


@pytest.mark.parametrize("variant", VARIANTS)
def test_fit_with_equal_weights_gives_the_figures_without(
    variant: str, equal_inputs: TrainingInputs
) -> None:
    settings = {**SMALL, **VARIANTS[variant], "epochs": 3, "validation_users": 0.5}
    equal, plain = (
        fit(equal_inputs, TrainerConfig(**settings, weights=weights))
        for weights in ("auto", "none")
    )
    assert equal.data.rows.weights is not None
    assert plain.data.rows.weights is None
    for ours, theirs in zip(_figures(equal), _figures(plain), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4)


@pytest.mark.parametrize("weights", ["auto", "none"])
def test_index_model_serves_with_the_weights_of_the_training(
    weights: str, bought_inputs: TrainingInputs
) -> None:
    config = TrainerConfig(**{**SMALL, "epochs": 1, "linear_rank": 4, "weights": weights})
    model, rows = fit(bought_inputs, config).model, bought_inputs.summary.rows
    batch = {"user_index": rows.user_index, "history": rows.movies}
    if weights == "auto":
        batch["history_weights"] = rows.weights
    index = IndexModel(model, bought_inputs)
    served, _, _ = index.embed_users(tf.constant(bought_inputs.graph.user_ids()))
    np.testing.assert_allclose(served, model.embed_queries(batch), rtol=1e-5, atol=1e-6)


def _figures(fitted: Fitted) -> list[dict[str, float]]:
    return [
        {name: value for name, value in epoch.items() if name != "seconds"}
        for epoch in fitted.epochs
    ]
