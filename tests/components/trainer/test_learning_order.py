"""Learning of an order, proved: a planted order is recovered, and none that train does not show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.export.index_model import IndexModel
from components.trainer.export.signatures import Signatures
from components.trainer.fitting.fit import Fitted, fit
from components.trainer.inputs.training_inputs import TrainingInputs, read_training_inputs
from tests.components.trainer.synthetic import World, write_world

RING, USERS, LENGTH = 24, 120, 7
SMALL = {
    "query": "sequence",
    "optimizer": "adam",
    "learning_rate": 0.01,
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
    "dropout": 0.1,
    "embedding_dim": 16,
    "batch_size": 32,
    "positions": 4,
    "epochs": 25,
    "validation_users": 0.0,
    "transition_ridge": 1.0,
}


def ring_world(folder: Path, shuffled: bool = False) -> World:
    """Writes a world in which everybody watches movies of a ring one after the other.

    Users begin anywhere and watch LENGTH movies; the next one is held out. So the movies alone
    leave two that may come next, one at each end; the order says which of them it is.

    Args:
        folder: Where it goes.
        shuffled: Whether the movies of train are in random order; what is held out stays the same.
    """
    rng = np.random.default_rng(0)
    train, held_out = {}, {}
    for user in range(USERS):
        ring = [f"m{(user + step) % RING}" for step in range(LENGTH + 1)]
        watched = rng.permutation(ring[:-1]).tolist() if shuffled else ring[:-1]
        train[f"u{user}"], held_out[f"u{user}"] = watched, ring[-1:]
    titles = {f"m{movie}": f"Movie {movie}" for movie in range(RING)}
    return write_world(folder, train, held_out, titles)


def read(world: World) -> TrainingInputs:
    return read_training_inputs(world.example_files, world.movie_files, world.transform_graph)


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> World:
    return ring_world(tmp_path_factory.mktemp("ring"))


@pytest.fixture(scope="module")
def inputs(ring: World) -> TrainingInputs:
    return read(ring)


def first_is_next(fitted: Fitted, inputs: TrainingInputs, world: World) -> float:
    """Returns the share of users whose best unseen movie is the one held out."""
    rows = inputs.summary.rows
    movies, users = inputs.graph.movie_ids(), inputs.graph.user_ids()
    scores = fitted.model.scores({"user_index": rows.user_index, "history": rows.movies}).numpy()
    right = 0
    for row, user, seen in zip(
        scores[:, : len(movies)], rows.user_index.numpy(), rows.movies.to_list(), strict=True
    ):
        row[seen] = -np.inf
        right += movies[row.argmax()].decode() == world.held_out[users[user].decode()][0]
    return right / USERS


@pytest.fixture(scope="module")
def learned(inputs: TrainingInputs) -> Fitted:
    return fit(inputs, TrainerConfig(**SMALL))


def test_towers_and_transitions_recover_a_planted_order(
    learned: Fitted, inputs: TrainingInputs, ring: World
) -> None:
    assert first_is_next(learned, inputs, ring) > 0.95


@pytest.mark.parametrize("loss", ["full_softmax", "sampled_softmax", "in_batch"])
def test_sequence_tower_alone_recovers_a_planted_order(
    loss: str, inputs: TrainingInputs, ring: World
) -> None:
    fitted = fit(inputs, TrainerConfig(**SMALL, transition_rank=0, loss=loss, negatives=8))
    assert first_is_next(fitted, inputs, ring) > 0.95


def test_transitions_alone_know_the_order(inputs: TrainingInputs, ring: World) -> None:
    # A learning rate of nearly zero: all that is known comes from the closed form.
    settings = {"learning_rate": 1e-9, "epochs": 1, "transition_weight": 100.0}
    fitted = fit(inputs, TrainerConfig(**{**SMALL, **settings}))
    assert first_is_next(fitted, inputs, ring) > 0.95


def test_history_tower_cannot_tell_the_two_ends_apart(inputs: TrainingInputs, ring: World) -> None:
    config = TrainerConfig(
        embedding_dim=16, batch_size=32, epochs=25, learning_rate=0.03, dropout=0.1, linear_rank=8
    )
    assert first_is_next(fit(inputs, config), inputs, ring) < 0.75


def test_order_that_only_eval_knows_is_not_learned(tmp_path: Path) -> None:
    # What is held out follows in the ring as before, but nothing of train is in that order.
    world = ring_world(tmp_path, shuffled=True)
    inputs = read(world)
    assert first_is_next(fit(inputs, TrainerConfig(**SMALL)), inputs, world) < 0.75


def test_sequence_tower_with_shuffled_labels_learns_no_order(
    inputs: TrainingInputs, ring: World
) -> None:
    fitted = fit(inputs, TrainerConfig(**SMALL, shuffle_labels=True))
    assert first_is_next(fitted, inputs, ring) < 0.4


def test_sequence_tower_with_learning_rate_zero_knows_nothing(
    inputs: TrainingInputs, ring: World
) -> None:
    fitted = fit(inputs, TrainerConfig(**{**SMALL, "learning_rate": 0.0, "epochs": 1}))
    assert fitted.model.linear_part is None
    assert first_is_next(fitted, inputs, ring) < 0.4


def test_sequence_training_depends_on_its_seed_alone(inputs: TrainingInputs) -> None:
    config = TrainerConfig(**{**SMALL, "epochs": 2, "validation_users": 0.5})
    first, second = (
        [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in epochs]
        for epochs in (fit(inputs, config).epochs, fit(inputs, config).epochs)
    )
    assert first == second
    assert "val_unseen_top_1_accuracy" in first[-1]


def test_validation_of_an_ordered_tower_is_the_last_movie(
    inputs: TrainingInputs, ring: World
) -> None:
    data = fit(inputs, TrainerConfig(**{**SMALL, "epochs": 1, "validation_users": 1.0})).data
    ids = inputs.graph.movie_ids()
    users = inputs.graph.user_ids()
    for user, history, targets in zip(
        data.validation["user_index"].numpy(),
        data.validation["history"].to_list(),
        data.validation["targets"].to_list(),
        strict=True,
    ):
        watched = [ids[movie].decode() for movie in [*history, *targets]]
        assert watched == ring.train[users[user].decode()]
        assert len(targets) == 1


@pytest.fixture(scope="module")
def served(learned: Fitted, inputs: TrainingInputs) -> Signatures:
    return Signatures(IndexModel(learned.model, inputs))


def best(answer: dict[str, tf.Tensor]) -> list[str]:
    return [row[0].decode() for row in answer["movie_id"].numpy()]


def test_answers_follow_the_order_of_the_history_that_is_asked(served: Signatures) -> None:
    # Two orders of the same movies, which a bag cannot tell apart. Everybody in train watched the
    # first one; nobody the second, so of that it is only known that its scores are others.
    asked = tf.constant([["m3", "m4", "m5"], ["m5", "m4", "m3"]])
    answer = served.recommend_from_history(asked)
    assert best(answer)[0] == "m6"
    assert np.abs(np.diff(answer["score"].numpy(), axis=0)).max() > 0.1
    # Where the last two movies lead, not the one before them, which m11 follows. Nobody in train
    # jumps like that, so which of the next two movies is first differs between the stacks.
    asked = tf.constant([["m10", "m3", "m4"]])
    assert best(served.recommend_from_history(asked))[0] in ("m5", "m6")


def test_new_movie_changes_the_answer_without_training(served: Signatures) -> None:
    asked = tf.constant([["m3", "m4", "m5", "", ""], ["m3", "m4", "m5", "m6", "m7"]])
    assert best(served.recommend_from_history(asked)) == ["m6", "m8"]


def test_answer_for_a_user_is_that_for_the_users_history(served: Signatures, ring: World) -> None:
    users = ["u3", "u50"]
    by_id = served.serving_default(tf.constant(users))
    by_history = served.recommend_from_history(tf.constant([ring.train[user] for user in users]))
    np.testing.assert_array_equal(by_id["movie_id"], by_history["movie_id"])
    np.testing.assert_allclose(by_id["score"], by_history["score"], rtol=1e-4)


def test_last_time_of_a_repeated_movie_counts(served: Signatures) -> None:
    asked = tf.constant([["m5", "m3", "m4", "m5"], ["m3", "m4", "m5", ""]])
    repeated, plain = served.recommend_from_history(asked)["score"].numpy()
    np.testing.assert_allclose(repeated, plain, rtol=1e-4)


def test_transitions_deviate_as_much_as_the_settings_say(learned: Fitted) -> None:
    model = learned.model
    batch = {"history": learned.data.rows.movies}
    queries, movies = model.embed_queries(batch).numpy(), model.embed_movies().numpy()[:-1]
    rank = model.linear_part.table.shape[1]
    trained, fixed = (
        (queries[:, columns] @ movies[:, columns].T).std(axis=1).mean()
        for columns in (slice(None, -rank), slice(-rank, None))
    )
    # All 120 users are fewer than those that the factor is measured on.
    assert fixed / trained == pytest.approx(learned.config.transition_weight, rel=1e-3)
