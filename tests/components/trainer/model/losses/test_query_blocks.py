from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.inputs.batching import Batch
from components.trainer.model.losses.query_blocks import loss_in_blocks
from components.trainer.model.seen_penalty import SeenPenalty

RNG = np.random.default_rng(0)
QUERIES = RNG.normal(size=[7, 4]).astype(np.float32)
MOVIES = RNG.normal(size=[5, 4]).astype(np.float32)
ROWS = {
    "history": tf.ragged.constant([[0, 1], [], [4], [2, 3, 0], [], [1], [3]], tf.int32),
    "factors": tf.constant(RNG.normal(size=[7]), tf.float32),
}


def loss_and_gradients(blocks: int, with_penalty: bool = True) -> list[np.ndarray]:
    """Of a loss that has other factors for each row, and no linear one."""
    layer = SeenPenalty(len(MOVIES), 2.0)
    variables = [layer.penalty] if with_penalty else []
    queries, movies = tf.constant(QUERIES), tf.constant(MOVIES)

    def loss_of(queries: tf.Tensor, movies: tf.Tensor, rows: Batch) -> tf.Tensor:
        scores = tf.matmul(queries, movies, transpose_b=True)
        if with_penalty:
            scores = layer(scores, rows["history"])
        return tf.reduce_sum(tf.reduce_logsumexp(scores, axis=1) * rows["factors"])

    @tf.function(autograph=False)
    def run() -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            tape.watch([queries, movies])
            # Not the last step: what comes from above has a factor.
            loss = 3.0 * loss_in_blocks(loss_of, queries, movies, variables, ROWS, blocks)
        gradients = tape.gradient(loss, [queries, movies, *variables])
        return loss, [tf.convert_to_tensor(gradient) for gradient in gradients]

    loss, gradients = run()
    return [loss.numpy(), *(gradient.numpy() for gradient in gradients)]


@pytest.mark.parametrize("with_penalty", [True, False])
@pytest.mark.parametrize("blocks", [2, 3, 7, 9])
def test_blocks_change_neither_loss_nor_gradients(blocks: int, with_penalty: bool) -> None:
    whole = loss_and_gradients(1, with_penalty)
    for actual, expected in zip(loss_and_gradients(blocks, with_penalty), whole, strict=True):
        assert np.abs(expected).max() > 0.1
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)
