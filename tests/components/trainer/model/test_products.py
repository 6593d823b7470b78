from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.model.products import scores_of

RNG = np.random.default_rng(0)
QUERIES = RNG.normal(size=[5, 32]).astype(np.float32)
MOVIES = RNG.normal(size=[7, 32]).astype(np.float32)
UPSTREAM = RNG.normal(size=[5, 7]).astype(np.float32)


def product_and_gradients(precision: str) -> list[np.ndarray]:
    queries, movies = tf.constant(QUERIES), tf.constant(MOVIES)
    with tf.GradientTape() as tape:
        tape.watch([queries, movies])
        scores = scores_of(queries, movies, precision)
    return [scores, *tape.gradient(scores, [queries, movies], output_gradients=UPSTREAM)]


EXPECTED = [QUERIES @ MOVIES.T, UPSTREAM @ MOVIES, UPSTREAM.T @ QUERIES]


# bfloat16 keeps 8 bits: of 32 products of normal numbers, each rounded by 2^-9, and of the sum.
@pytest.mark.parametrize(
    ("precision", "least", "most"), [("float32", 0, 1e-5), ("bfloat16", 1e-4, 0.1)]
)
def test_scores_and_gradients_have_the_precision(precision: str, least: float, most: float) -> None:
    for actual, expected in zip(product_and_gradients(precision), EXPECTED, strict=True):
        assert actual.dtype == tf.float32
        assert least <= np.abs(actual - expected).max() <= most
