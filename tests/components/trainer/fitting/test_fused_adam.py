from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.fitting.fused_adam import FusedAdam

SLICES = tf.IndexedSlices(
    tf.constant([[4.0, 1.0], [2.0, 2.0], [1.0, 0.0]]), tf.constant([0, 2, 0]), [3, 2]
)
GRADIENTS = {"dense": tf.constant([[5.0, -1.0], [0.0, 0.25], [2.0, 2.0]]), "some rows": SLICES}


@pytest.mark.parametrize("kind", GRADIENTS)
def test_fused_adam_takes_the_steps_of_keras(kind: str) -> None:
    rate = tf.keras.optimizers.schedules.CosineDecay(0.1, 10)
    weights = {}
    for optimizer in (
        FusedAdam(rate, beta_1=0.8, beta_2=0.9, epsilon=1e-4, weight_decay=0.02),
        tf.keras.optimizers.Adam(rate, beta_1=0.8, beta_2=0.9, epsilon=1e-4, weight_decay=0.02),
    ):
        table = tf.Variable(tf.ones([3, 2]))
        # The last step has another gradient: moments alone move the rows that it leaves out.
        for gradient in (GRADIENTS[kind], GRADIENTS[kind], SLICES):
            optimizer.apply_gradients([(gradient, table)])
        weights[type(optimizer)] = table.numpy()
    ours, theirs = weights[FusedAdam], weights[tf.keras.optimizers.Adam]
    assert np.abs(ours - 1).min() > 0.005
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
