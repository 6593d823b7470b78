from __future__ import annotations

import tensorflow as tf

from components.trainer.model.multi_hot import multi_hot


def test_multi_hot_marks_movies_once() -> None:
    movies = tf.ragged.constant([[0, 2, 2], [], [3]], dtype=tf.int32)
    assert multi_hot(movies, 4).numpy().tolist() == [[1, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 1]]


def test_multi_hot_of_no_user_is_empty() -> None:
    assert multi_hot(tf.RaggedTensor.from_row_splits(tf.zeros([0], tf.int32), [0]), 4).shape == (
        0,
        4,
    )
