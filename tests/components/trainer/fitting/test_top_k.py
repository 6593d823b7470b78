from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.fitting.top_k import TopKEvaluator


class FixedScores:
    """Stands for a model: the same scores for everyone. Six movies in the vocabulary, OOV last."""

    class candidate_tower:  # noqa: N801
        movies = 7

    def calibrate(self) -> None:
        """Has nothing to calibrate."""

    def scores(self, batch: dict) -> tf.Tensor:
        row = tf.constant([[6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 9.0]])
        return tf.repeat(row, batch["user_index"].shape[0] or tf.shape(batch["user_index"])[0], 0)


def evaluate(
    targets: list[list[int]], history: list[list[int]], catalogue: list[int] | None = None
) -> dict[str, float]:
    validation = {
        "user_index": tf.range(len(targets)),
        "history": tf.ragged.constant(history, tf.int32, ragged_rank=1),
        "targets": tf.ragged.constant(targets, tf.int32, ragged_rank=1),
    }
    catalogue = list(range(6)) if catalogue is None else catalogue
    return TopKEvaluator(validation, np.array(catalogue, np.int32), FixedScores())()


def test_top_k_counts_targets_among_the_best() -> None:
    figures = evaluate(targets=[[0, 3], [5]], history=[[], []])
    # Ranks 1, 4 and 6 of three targets; k beyond the catalogue is the whole of it.
    assert figures["top_1_accuracy"] == pytest.approx(1 / 3)
    assert figures["top_5_accuracy"] == pytest.approx(2 / 3)
    assert figures["top_10_accuracy"] == figures["top_100_accuracy"] == pytest.approx(1.0)


def test_top_k_unseen_moves_targets_up() -> None:
    figures = evaluate(targets=[[5], [1]], history=[[0, 1, 2], []])
    # Three seen movies gone, movie 5 has rank 3 instead of 6; movie 1 stays at 2.
    assert figures["top_5_accuracy"] == pytest.approx(1 / 2)
    assert figures["unseen_top_5_accuracy"] == pytest.approx(1.0)
    assert figures["unseen_top_1_accuracy"] == 0.0


def test_top_k_ranks_the_catalogue_with_its_unrated_movies() -> None:
    # Two unrated movies share the OOV score of 9: they stand before movie 0. Movie 4 is no
    # candidate: its target is never found.
    figures = evaluate(targets=[[0, 4]], history=[[]], catalogue=[6, 0, 1, 6])
    assert figures["top_1_accuracy"] == 0.0
    assert figures["top_5_accuracy"] == pytest.approx(1 / 2)


def test_top_k_takes_more_users_than_a_block() -> None:
    figures = evaluate(targets=[[0]] * 512 + [[5]] * 512, history=[[]] * 1024)
    assert figures["top_1_accuracy"] == pytest.approx(1 / 2)


def test_top_k_without_targets_says_nothing() -> None:
    assert evaluate(targets=[[]], history=[[1]]) == {}
