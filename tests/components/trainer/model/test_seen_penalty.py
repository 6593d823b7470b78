from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.model.seen_penalty import SeenPenalty


def test_seen_penalty_lowers_only_what_is_in_the_history() -> None:
    layer = SeenPenalty(3, 8.0)
    layer.penalty.assign([8.0, 2.0, 5.0])
    scores = layer(tf.ones([2, 3]), tf.ragged.constant([[2, 0], []], tf.int32))
    np.testing.assert_allclose(scores, [[-7.0, 1.0, -4.0], [1.0, 1.0, 1.0]])


def test_seen_penalty_starts_as_given_and_learns() -> None:
    layer = SeenPenalty(2, 8.0)
    np.testing.assert_allclose(layer.penalty, [8.0, 8.0])
    assert len(layer.trainable_weights) == 1
