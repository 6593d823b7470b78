from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.next_targets import NO_MOVIE, NextTargets

# Movie number = position: what follows a position is seen at once.
HISTORIES = tf.ragged.constant([list(range(9)), [0], list(range(3)), []], tf.int32)
USERS = tf.constant([7, 8, 9, 10])


def draw(step: int = 0, **settings: object) -> dict[str, object]:
    values = {"window": 4, "positions": 2, "next_targets": 3, "next_rate": 2.0, **settings}
    weights = values.pop("weights", None)
    config = TrainerConfig(query="sequence", **values)
    return NextTargets().batch(config, tf.constant(step, tf.int64), USERS, HISTORIES, weights)


def test_targets_are_what_follows_a_position_in_the_window() -> None:
    for step in range(20):
        batch = draw(step)
        window, positions = batch["window"].numpy(), batch["positions"].numpy()
        targets = batch["targets"].to_list()
        for user, row in enumerate(window):
            for number in range(2):
                after = targets[2 * user + number]
                if not after:
                    continue
                last = row[positions[user, number]]
                length = int(HISTORIES.row_lengths()[user])
                assert after == list(range(last + 1, min(last + 4, length)))


def test_history_of_a_position_is_the_window_up_to_it() -> None:
    batch = draw(3)
    window, positions = batch["window"].numpy(), batch["positions"].numpy()
    for row, seen in enumerate(batch["history"].to_list()):
        user, number = divmod(row, 2)
        if batch["targets"].to_list()[row]:
            assert seen == window[user, : positions[user, number] + 1].tolist()
            assert not set(seen) & set(batch["targets"].to_list()[row])


def test_users_without_something_that_follows_have_no_targets() -> None:
    lengths = draw()["targets"].row_lengths().numpy().reshape(4, 2)
    assert lengths[0].all()
    assert not lengths[1].any()
    assert not lengths[3].any()
    # Of three movies two have something behind them, and both positions are drawn.
    assert sorted(draw()["positions"][2].numpy()) == [0, 1]


def test_windows_are_as_long_as_they_can_be_and_begin_anywhere() -> None:
    starts = set()
    for step in range(60):
        window = draw(step)["window"].numpy()
        assert window.shape == (4, 4)
        assert (np.diff(window[0]) == 1).all()
        assert window[2].tolist() == [0, 1, NO_MOVIE, NO_MOVIE]
        assert (window[1] == NO_MOVIE).all()
        starts.add(int(window[0, 0]))
    # Nine movies: a window of four that something follows begins at 0 to 4.
    assert starts == {0, 1, 2, 3, 4}


def test_targets_weigh_less_the_further_they_are() -> None:
    batch = draw()
    for row in batch["target_weights"].to_list():
        np.testing.assert_allclose(row, np.exp(-np.arange(len(row)) / 2.0), rtol=1e-6)


def test_weights_of_interactions_multiply_those_of_targets() -> None:
    weights = HISTORIES.with_flat_values(tf.cast(HISTORIES.flat_values + 1, tf.float32))
    plain, weighted = draw(), draw(weights=weights)
    for movies, old, new in zip(
        plain["targets"].to_list(),
        plain["target_weights"].to_list(),
        weighted["target_weights"].to_list(),
        strict=True,
    ):
        np.testing.assert_allclose(new, np.array(old) * (np.array(movies) + 1), rtol=1e-6)


@pytest.mark.parametrize("positions", [3, 9])
def test_each_position_is_drawn_once(positions: int) -> None:
    batch = draw(positions=positions)
    drawn = batch["targets"].row_lengths().numpy().reshape(4, positions) > 0
    # The window of the first user has four positions.
    assert drawn[0].sum() == min(positions, 4)
    used = batch["positions"].numpy()[0][drawn[0]]
    assert len(set(used)) == len(used)
    assert batch["user_index"].numpy().tolist() == np.repeat([7, 8, 9, 10], positions).tolist()


def test_batches_depend_on_step_and_seed_alone() -> None:
    same, again, other = draw(5), draw(5), draw(6)
    assert same["window"].numpy().tolist() == again["window"].numpy().tolist()
    assert same["positions"].numpy().tolist() == again["positions"].numpy().tolist()
    assert any(
        same[key].numpy().tolist() != other[key].numpy().tolist() for key in ("window", "positions")
    )
