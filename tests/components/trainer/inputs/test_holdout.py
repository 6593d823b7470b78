from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.inputs.holdout import draw_holdout, draw_kept

MOVIES = tf.RaggedTensor.from_row_lengths(tf.range(3000), [1000, 0, 1999, 1])


def draw(seed: int, minimum: float = 0.1, maximum: float = 0.4) -> tuple:
    held = draw_holdout(MOVIES, tf.constant([seed, 5], tf.int64), minimum=minimum, maximum=maximum)
    rest = tf.ragged.boolean_mask(MOVIES, tf.logical_not(held))
    return rest, tf.ragged.boolean_mask(MOVIES, held)


def test_draw_holdout_splits_every_history() -> None:
    rest, targets = draw(0)
    for movies, kept, held in zip(MOVIES, rest, targets, strict=True):
        together = np.sort(np.concatenate([kept, held]))
        np.testing.assert_array_equal(together, movies)


def test_draw_holdout_keeps_to_its_shares() -> None:
    shares = np.array([draw(seed)[1].row_lengths().numpy()[[0, 2]] for seed in range(50)])
    shares = shares / [1000, 1999]
    # p is drawn for each user from (.1, .4); a share of 1,000 strays by less than 4 · √(.24/1000).
    assert shares.min() > 0.1 - 0.062
    assert shares.max() < 0.4 + 0.062
    # The mean of 100 draws of p, of deviation .3/√12 each, is .25 ± 4 · .0087.
    assert abs(shares.mean() - 0.25) < 0.035
    # The two users' p are drawn apart: they differ by .1 on average, not by sampling noise alone.
    assert np.abs(shares[:, 0] - shares[:, 1]).mean() > 0.05


def test_draw_holdout_repeats_with_its_seed() -> None:
    first, same, other = draw(1)[1], draw(1)[1], draw(2)[1]
    assert first.to_list() == same.to_list()
    assert first.to_list() != other.to_list()


def test_draw_kept_keeps_so_many_on_average() -> None:
    kept = [np.count_nonzero(draw_kept(MOVIES, [seed, 0], 300).flat_values) for seed in range(50)]
    # 300 ± 4 · √(270/50) for the mean of 50 binomial draws.
    assert abs(np.mean(kept) - 300) < 10


def test_draw_kept_keeps_all_of_few_targets() -> None:
    kept = draw_kept(MOVIES, [0, 0], 5000)
    assert kept.row_lengths().numpy().tolist() == [1000, 0, 1999, 1]
    assert kept.flat_values.numpy().all()
