from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.trainer.config import TrainerConfig
from components.trainer.export.index_model import IndexModel
from components.trainer.export.saved_model import export
from components.trainer.fitting.fit import Fitted, fit, warm_settings
from components.trainer.fitting.warm_start import genre_matrix, merge_rows
from components.trainer.inputs.catalogue import Catalogue
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.inputs.vocabulary import positions_in
from components.trainer.model.learned_weights import LearnedWeights, read_learned_weights

COLD = TrainerConfig(
    embedding_dim=8,
    linear_rank=0,
    batch_size=64,
    epochs=12,
    dropout=0.2,
    validation_users=0.5,
    validate_every=1,
    warm_epochs=2,
)
NO_GROUPS = np.zeros([3, 0], np.float32)


def ids(*names: str) -> np.ndarray:
    return np.array([name.encode() for name in names], object)


def test_positions_follow_ids() -> None:
    assert positions_in(ids("a", "b", "c"), ids("c", "x", "a")).tolist() == [2, -1, 0]


def test_known_rows_are_taken_over_and_new_ones_are_the_mean_of_all() -> None:
    old = np.array([[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]], np.float32)
    merged = merge_rows(np.zeros([4, 2], np.float32), old, np.array([1, -1, 0]), NO_GROUPS)
    np.testing.assert_array_equal(merged, [[3, 6], [2, 4], [1, 2], [9, 9]])


def test_new_rows_are_the_mean_of_the_means_of_their_groups() -> None:
    old = np.array([[2.0], [4.0], [10.0], [0.0]], np.float32)
    # Rows 0 to 2 are known, 3 to 5 new. Group 0 has the mean 3, group 1 has 10, group 2 none that
    # is known: there the mean of all, 16 / 3.
    groups = np.array(
        [[1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]], np.float32
    )
    old_rows = np.array([0, 1, 2, -1, -1, -1])
    merged = merge_rows(np.zeros([7, 1], np.float32), old, old_rows, groups)
    np.testing.assert_allclose(merged[3:6, 0], [6.5, 16 / 3, 16 / 3], rtol=1e-6)


def test_new_values_start_cold_moved_by_what_known_ones_moved() -> None:
    initial = np.array([-1.0, -2.0, -5.0, 0.0], np.float32)
    old = np.array([-1.5, -0.5, 0.25], np.float32)
    merged = merge_rows(initial, old, np.array([1, 0, -1]), NO_GROUPS)
    # Row 0: -1 → -.5, row 1: -2 → -1.5; both by .5.
    np.testing.assert_allclose(merged, [-0.5, -1.5, -4.5, 0.25])


def test_nothing_known_stays_as_it_begins() -> None:
    initial = np.array([[1.0], [2.0], [3.0]], np.float32)
    old = np.array([[7.0], [8.0]], np.float32)
    merged = merge_rows(initial, old, np.array([-1, -1]), NO_GROUPS[:2])
    np.testing.assert_array_equal(merged, [[1], [2], [8]])


def test_genre_matrix_follows_the_vocabulary() -> None:
    genres = [(b"Drama",), (), (b"Comedy", b"Drama")]
    catalogue = Catalogue(ids("a", "b", "c"), ids("", "", ""), {"genres": genres})
    # Columns: Comedy, Drama.
    np.testing.assert_array_equal(genre_matrix(catalogue, ids("c", "a")), [[1, 1], [0, 1]])


@pytest.fixture(scope="module")
def cold(training_inputs: TrainingInputs) -> Fitted:
    return fit(training_inputs, COLD)


@pytest.fixture(scope="module")
def previous(
    training_inputs: TrainingInputs, cold: Fitted, tmp_path_factory: pytest.TempPathFactory
) -> LearnedWeights:
    path = str(tmp_path_factory.mktemp("exported") / "model")
    export(IndexModel(cold.model, training_inputs, "a split"), path)
    read = read_learned_weights(path)
    assert read is not None
    return read


def test_what_was_learned_comes_back_from_the_saved_model(
    cold: Fitted, previous: LearnedWeights, training_inputs: TrainingInputs
) -> None:
    assert previous.split == "a split"
    assert list(previous.ids) == ["movie_id"]  # no table is by user
    assert previous.ids["movie_id"].tolist() == training_inputs.graph.movie_ids().tolist()
    for variable, value in zip(cold.model.trainable_variables, previous.weights, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_read_learned_of_what_is_no_model_of_ours(tmp_path: Path) -> None:
    assert read_learned_weights(str(tmp_path)) is None


def test_a_warm_start_begins_where_the_other_model_ended(
    training_inputs: TrainingInputs, cold: Fitted, previous: LearnedWeights
) -> None:
    warm = fit(training_inputs, COLD, previous=previous)
    assert warm.warm_start is not None
    assert (warm.warm_start.movies, warm.warm_start.new_movies) == (training_inputs.graph.movies, 0)
    assert [epoch["epoch"] for epoch in warm.epochs] == [1, 2]
    # Its first epoch is better than the first of the cold start.
    assert warm.epochs[0]["loss"] < cold.epochs[0]["loss"]


@pytest.mark.parametrize(("steps", "warm_steps"), [(2000, 250), (80, 10), (3, 1)])
def test_a_warm_start_in_steps_takes_an_eighth_of_them(steps: int, warm_steps: int) -> None:
    warm = warm_settings(COLD.model_copy(update={"steps": steps}))
    assert (warm.steps, warm.learning_rate) == (warm_steps, COLD.warm_learning_rate)


def test_a_warm_start_in_epochs_takes_its_own_and_no_higher_rate() -> None:
    warm = warm_settings(COLD.model_copy(update={"learning_rate": 0.001}))
    assert (warm.epochs, warm.steps, warm.learning_rate) == (2, 0, 0.001)


def test_a_warm_start_in_steps_trains_so_many(
    training_inputs: TrainingInputs, previous: LearnedWeights
) -> None:
    # 160 users, 64 in a step: three steps in a pass; an eighth of 16 steps are 2.
    config = COLD.model_copy(update={"steps": 16})
    warm = fit(training_inputs, config, previous=previous)
    assert warm.warm_start is not None
    assert [epoch["epoch"] for epoch in warm.epochs] == [0.333, 0.667]


def test_other_shapes_start_cold(training_inputs: TrainingInputs, previous: LearnedWeights) -> None:
    wider = fit(
        training_inputs,
        COLD.model_copy(update={"embedding_dim": 12, "epochs": 1}),
        previous=previous,
    )
    assert wider.warm_start is None
    assert len(wider.epochs) == 1


def test_a_table_of_users_is_taken_over_by_id(
    training_inputs: TrainingInputs, tmp_path: Path
) -> None:
    config = COLD.model_copy(
        update={"query": "user_id", "hidden_layers": (6,), "epochs": 1, "warm_epochs": 1}
    )
    path = str(tmp_path / "model")
    first = fit(training_inputs, config)
    export(IndexModel(first.model, training_inputs), path)
    previous = read_learned_weights(path)
    assert previous is not None
    assert previous.ids["user_id"].tolist() == training_inputs.graph.user_ids().tolist()
    # Nothing is trained, so that the weights are those that were taken over.
    still = config.model_copy(update={"warm_learning_rate": 0.0, "weight_decay": 0.0})
    again = fit(training_inputs, still, previous=previous)
    assert again.warm_start is not None
    assert again.warm_start.users == training_inputs.graph.users
    for variable, value in zip(again.model.trainable_variables, previous.weights, strict=True):
        np.testing.assert_allclose(variable.numpy(), value, atol=1e-6)
