from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.batches import TrainingData, training_data
from components.trainer.inputs.batching import Batch
from components.trainer.inputs.training_inputs import TrainingInputs, read_training_inputs
from components.trainer.model.query_towers import QUERY_TOWERS
from tests.components.trainer.synthetic import SEEN, World

USERS = 160


def read(world: World) -> TrainingInputs:
    return read_training_inputs(world.example_files, world.movie_files, world.transform_graph)


def build(training_inputs: TrainingInputs, config: TrainerConfig) -> TrainingData:
    return training_data(training_inputs, config, QUERY_TOWERS[config.query].batching)


def batches(training_inputs: TrainingInputs, **settings: object) -> list[list[Batch]]:
    """Returns the batches of each epoch."""
    data = build(
        training_inputs, TrainerConfig(**{"epochs": 2, "validation_users": 0.0, **settings})
    )
    everything = list(data.batches)
    steps = data.steps_in_pass
    assert len(everything) == 2 * steps
    return [everything[:steps], everything[steps:]]


def pairs(epoch: list[Batch], *features: str) -> list[tuple[int, int]]:
    """Returns the sorted (user, movie) pairs of the features, all batches together."""
    return sorted(
        (int(user), int(movie))
        for batch in epoch
        for feature in features
        for user, movies in zip(batch["user_index"], batch[feature].to_list(), strict=True)
        for movie in movies
    )


def all_pairs(training_inputs: TrainingInputs) -> list[tuple[int, int]]:
    rows = training_inputs.summary.rows
    return sorted(
        (int(user), movie)
        for user, movies in zip(rows.user_index, rows.movies.to_list(), strict=True)
        for movie in movies
    )


def test_history_batches_cover_every_user_once_an_epoch(training_inputs: TrainingInputs) -> None:
    for epoch in batches(training_inputs, batch_size=50):
        # 160 users: 50 + 50 + 50 + 10.
        assert [len(batch["user_index"]) for batch in epoch] == [50, 50, 50, 10]
        assert pairs(epoch, "history", "targets") == all_pairs(training_inputs)
        targets = sum(int(batch["targets"].flat_values.shape[0]) for batch in epoch)
        # A share of .1 to .4 of 160 · 9 interactions.
        assert 0.1 * USERS * SEEN < targets < 0.4 * USERS * SEEN


def test_history_batches_differ_by_epoch_in_order_and_targets(
    training_inputs: TrainingInputs,
) -> None:
    first, second = batches(training_inputs, batch_size=160)
    assert first[0]["user_index"].numpy().tolist() != second[0]["user_index"].numpy().tolist()
    assert pairs(first, "targets") != pairs(second, "targets")


def test_pair_batches_cover_every_interaction_once_an_epoch(
    training_inputs: TrainingInputs,
) -> None:
    for epoch in batches(training_inputs, query="user_id", loss="in_batch", batch_size=1000):
        assert [len(batch["user_index"]) for batch in epoch] == [1000, USERS * SEEN - 1000]
        assert pairs(epoch, "targets") == all_pairs(training_inputs)


def test_pair_batches_mix_users(training_inputs: TrainingInputs) -> None:
    epoch = batches(training_inputs, query="user_id", loss="in_batch", batch_size=1000)[0]
    # In file order the first 1000 pairs would hold 112 users; shuffled, nearly all of the 160.
    assert len(np.unique(epoch[0]["user_index"])) > 150


def test_user_id_batches_of_full_softmax_have_all_movies_as_targets(
    training_inputs: TrainingInputs,
) -> None:
    epoch = batches(training_inputs, query="user_id", batch_size=64)[0]
    assert pairs(epoch, "targets") == all_pairs(training_inputs)
    assert pairs(epoch, "history") == []


def test_history_batches_of_in_batch_draw_so_many_pairs(training_inputs: TrainingInputs) -> None:
    epochs = batches(training_inputs, loss="in_batch", batch_size=80, batch_pairs=40)
    drawn = [int(batch["targets"].flat_values.shape[0]) for epoch in epochs for batch in epoch]
    # 40 ± 4 · √40/√4 for the mean of the four steps.
    assert abs(np.mean(drawn) - 40) < 13


def test_batches_repeat_with_their_seed(training_inputs: TrainingInputs) -> None:
    first, same = (batches(training_inputs, batch_size=50) for _ in range(2))
    other = batches(training_inputs, batch_size=50, seed=1)
    assert _content(first) == _content(same)
    assert _content(first) != _content(other)


def test_validation_part_is_not_trained_on(training_inputs: TrainingInputs) -> None:
    config = TrainerConfig(
        epochs=1, query="user_id", validation_users=0.5, validation_fraction=0.4, batch_size=100
    )
    data = build(training_inputs, config)
    validation = data.validation
    trained = pairs(list(data.batches), "targets")
    held = pairs([validation], "targets")
    assert held
    assert sorted(trained + held) == all_pairs(training_inputs)
    # The validation users' histories are what is trained on.
    assert set(pairs([validation], "history")) <= set(trained)


def test_steps_count_pairs_without_the_validation_part(training_inputs: TrainingInputs) -> None:
    config = TrainerConfig(
        query="user_id",
        loss="in_batch",
        batch_size=100,
        epochs=1,
        validation_users=1.0,
        validation_fraction=0.5,
    )
    data = build(training_inputs, config)
    assert len(list(data.batches)) == data.steps == data.steps_in_pass


@pytest.mark.parametrize(
    ("steps", "rounds", "steps_in_round"),
    # At most forty parts of equal length, and few steps more than were asked for.
    [(1, 1, 1), (7, 7, 1), (40, 40, 1), (41, 21, 2), (80, 40, 2), (100, 34, 3)],
)
def test_training_in_steps_has_rounds_of_equal_length(
    steps: int, rounds: int, steps_in_round: int, training_inputs: TrainingInputs
) -> None:
    # 160 users, 50 in a step: a pass has four.
    config = TrainerConfig(steps=steps, batch_size=50, validation_users=0.0)
    data = build(training_inputs, config)
    assert (data.rounds, data.steps_in_round, data.steps_in_pass) == (rounds, steps_in_round, 4)
    assert data.steps == rounds * steps_in_round
    assert steps <= data.steps < steps * 1.05
    assert data.passes_after(rounds) == data.steps / 4


def test_training_in_steps_goes_over_all_users_in_each_pass(
    training_inputs: TrainingInputs,
) -> None:
    config = TrainerConfig(steps=9, batch_size=50, validation_users=0.0)
    data = build(training_inputs, config)
    users = [batch["user_index"].numpy().tolist() for batch in data.batches]
    assert len(users) >= data.steps == 9
    passes = [np.concatenate(users[start : start + 4]).tolist() for start in (0, 4)]
    assert passes[0] != passes[1]
    for one in passes:
        assert sorted(one) == list(range(USERS))


def test_passes_after_rounds_are_whole_or_have_three_places(
    training_inputs: TrainingInputs,
) -> None:
    config = TrainerConfig(steps=9, batch_size=64, validation_users=0.0)
    data = build(training_inputs, config)
    # Three steps in a pass.
    passes = [data.passes_after(rounds) for rounds in (1, 2, 3, 9)]
    assert passes == [0.333, 0.667, 1, 3]
    assert isinstance(passes[2], int)
    assert build(training_inputs, TrainerConfig(epochs=5)).passes_after(4) == 4


def test_validation_users_are_no_more_than_can_be_measured_fast(
    training_inputs: TrainingInputs,
) -> None:
    all_users = {"validation_users": 1.0, "validation_fraction": 0.5}
    everybody = build(training_inputs, TrainerConfig(**all_users)).validation
    everybody = everybody["user_index"].numpy().tolist()
    some = TrainerConfig(**all_users, most_validation_users=20)
    validation = build(training_inputs, some).validation
    users = validation["user_index"].numpy().tolist()
    assert len(users) == validation["history"].nrows() == validation["targets"].nrows() == 20
    # Evenly spread, from the first to the last.
    assert (users[0], users[-1]) == (everybody[0], everybody[-1])
    assert set(users) < set(everybody)
    assert max(np.diff(users)) < 3 * USERS / 20


def test_shuffled_labels_keep_users_and_movies_but_not_who_watched_what(
    training_inputs: TrainingInputs,
) -> None:
    settings = {"query": "user_id", "loss": "in_batch", "batch_size": 2000}
    shuffled = pairs(batches(training_inputs, shuffle_labels=True, **settings)[0], "targets")
    plain = all_pairs(training_inputs)
    for column in (0, 1):
        assert sorted(p[column] for p in shuffled) == sorted(p[column] for p in plain)
    # One of four movies is of the user's block by chance, not all.
    assert len(set(shuffled) & set(plain)) < 0.5 * len(plain)


def _content(epochs: list[list[Batch]]) -> list:
    return [
        (batch["user_index"].numpy().tolist(), batch["history"].to_list())
        for epoch in epochs
        for batch in epoch
    ]


WEIGHTED_KINDS = [{}, {"loss": "in_batch"}, {"query": "user_id"}]
WEIGHTED_KINDS += [{"query": "user_id", "loss": "in_batch"}]


@pytest.mark.parametrize("settings", WEIGHTED_KINDS)
def test_batches_have_the_weight_of_each_interaction(bought_world: World, settings: dict) -> None:
    bought_inputs = read(bought_world)
    rows = bought_inputs.summary.rows
    weight_of = _weight_of(rows.user_index, rows.movies, rows.weights)
    # Weights of 5 and 1 in equal numbers, in units of 3.
    np.testing.assert_allclose(sorted(set(weight_of.values())), [1 / 3, 5 / 3], rtol=1e-6)
    for batch in build(bought_inputs, TrainerConfig(epochs=1, **settings)).batches:
        parts = ["targets", "target_weights"], ["history", "history_weights"]
        for movies, weights in parts:
            if weights in batch:
                actual = _weight_of(batch["user_index"], batch[movies], batch[weights])
                assert actual.items() <= weight_of.items()
        assert ("history_weights" in batch) is (settings.get("query") != "user_id")


def test_batches_have_no_weights_where_the_settings_say_none(bought_world: World) -> None:
    config = TrainerConfig(epochs=1, weights="none", validation_users=0.5)
    data = build(read(bought_world), config)
    for batch in (next(iter(data.batches)), data.validation):
        assert set(batch) == {"user_index", "history", "targets"}
    assert data.rows.weights is None


def test_validation_histories_have_their_weights(bought_world: World) -> None:
    bought_inputs = read(bought_world)
    rows = bought_inputs.summary.rows
    validation = build(bought_inputs, TrainerConfig(validation_users=0.5)).validation
    columns = (validation[name] for name in ("user_index", "history", "history_weights"))
    everything = _weight_of(rows.user_index, rows.movies, rows.weights)
    assert _weight_of(*columns).items() <= everything.items()


def _weight_of(
    users: tf.Tensor, movies: tf.RaggedTensor, weights: tf.RaggedTensor
) -> dict[tuple[int, int], float]:
    """Returns (user, movie) → weight."""
    keys = zip(
        tf.gather(users, movies.value_rowids()).numpy().tolist(),
        movies.flat_values.numpy().tolist(),
        strict=True,
    )
    return dict(zip(keys, weights.flat_values.numpy().tolist(), strict=True))
