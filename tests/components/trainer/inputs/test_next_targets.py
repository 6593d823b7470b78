from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.batching import Batch
from components.trainer.inputs.next_targets import NextTargets, each_position
from components.trainer.inputs.user_rows import UserRows

# Movie number = position: what follows a position is seen at once.
HISTORIES = tf.ragged.constant([list(range(9)), [0], list(range(3)), []], tf.int32)
USERS = tf.constant([7, 8, 9, 10])


def draw(step: int = 0, **settings: object) -> Batch:
    values = {"window": 4, "positions": 2, "next_targets": 3, "next_rate": 2.0, **settings}
    weights = values.pop("weights", None)
    config = TrainerConfig(query="sequence", **values)
    rows = UserRows(USERS, HISTORIES, weights)
    return NextTargets().batch(config, tf.constant(step, tf.int64), rows)


def test_targets_are_what_follows_a_position_in_the_window() -> None:
    for step in range(20):
        batch = draw(step)
        rows = zip(*(batch[key].to_list() for key in ("window", "positions", "targets")),
                   HISTORIES.row_lengths().numpy(), strict=True)  # fmt: skip
        for window, positions, targets, length in rows:
            assert len(positions) == min(2, len(window))
            for position, after in zip(positions, targets, strict=True):
                last = window[position]
                assert after == list(range(last + 1, min(last + 4, length))) != []


def test_history_of_a_position_is_the_window_up_to_it() -> None:
    batch = draw(3)
    rows = each_position(batch)
    windows, positions = batch["window"].to_list(), batch["positions"].to_list()
    expected = [
        window[: position + 1]
        for window, drawn in zip(windows, positions, strict=True)
        for position in drawn
    ]
    assert rows["history"].to_list() == expected
    assert len(expected) == 4  # two of the first user and two of the third


def test_each_position_is_a_row_of_its_user() -> None:
    batch = draw()
    rows = each_position(batch)
    assert rows["user_index"].numpy().tolist() == [7, 7, 9, 9]
    for key in ("targets", "target_weights"):
        assert rows[key].to_list() == [row for user in batch[key].to_list() for row in user]


def test_users_without_something_that_follows_have_no_position() -> None:
    positions = draw()["positions"].to_list()
    assert [len(row) for row in positions] == [2, 0, 2, 0]
    # Of three movies two have something behind them, and both positions are drawn.
    assert sorted(positions[2]) == [0, 1]


def test_windows_are_as_long_as_they_can_be_and_begin_anywhere() -> None:
    starts = set()
    for step in range(60):
        first, *others = draw(step)["window"].to_list()
        assert first == list(range(first[0], first[0] + 4))
        assert others == [[], [0, 1], []]
        starts.add(first[0])
    # Nine movies: a window of four that something follows begins at 0 to 4.
    assert starts == {0, 1, 2, 3, 4}


def test_targets_weigh_less_the_further_they_are() -> None:
    batch = draw()
    for row in each_position(batch)["target_weights"].to_list():
        np.testing.assert_allclose(row, np.exp(-np.arange(len(row)) / 2.0), rtol=1e-6)


def test_weights_of_interactions_multiply_those_of_targets() -> None:
    weights = HISTORIES.with_flat_values(tf.cast(HISTORIES.flat_values + 1, tf.float32))
    plain, weighted = each_position(draw()), each_position(draw(weights=weights))
    for movies, old, new in zip(
        plain["targets"].to_list(),
        plain["target_weights"].to_list(),
        weighted["target_weights"].to_list(),
        strict=True,
    ):
        np.testing.assert_allclose(new, np.array(old) * (np.array(movies) + 1), rtol=1e-6)


@pytest.mark.parametrize("positions", [3, 9])
def test_each_position_is_drawn_once(positions: int) -> None:
    used = draw(positions=positions)["positions"].to_list()
    # The window of the first user has four positions.
    assert len(used[0]) == len(set(used[0])) == min(positions, 4)


def test_batches_depend_on_step_and_seed_alone() -> None:
    same, again, other = draw(5), draw(5), draw(6)
    for key in ("window", "positions"):
        assert same[key].to_list() == again[key].to_list()
    assert any(same[key].to_list() != other[key].to_list() for key in ("window", "positions"))
