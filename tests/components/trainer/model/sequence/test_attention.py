from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.model.sequence.attention import CausalAttention
from components.trainer.model.sequence.padding import Padding


def attention(window: int = 6) -> CausalAttention:
    return CausalAttention(4, 2, window, seed=0, name="attention")


def attend(layer: CausalAttention, values: np.ndarray) -> np.ndarray:
    """Attends within each of the rows [rows, n, 4]."""
    rows, length, dim = values.shape
    ragged = tf.RaggedTensor.from_uniform_row_length(np.zeros(rows * length), length)
    return layer(values.reshape(-1, dim), Padding(ragged)).numpy().reshape(values.shape)


def test_attention_sees_nothing_that_comes_later() -> None:
    layer = attention()
    values = np.random.default_rng(0).normal(size=[1, 5, 4]).astype(np.float32)
    other = values.copy()
    other[0, 3:] += 1
    first, second = attend(layer, values), attend(layer, other)
    np.testing.assert_allclose(first[0, :3], second[0, :3], atol=1e-6)
    assert np.abs(first[0, 3:] - second[0, 3:]).max() > 0.01


def test_bias_of_a_distance_moves_the_attention_there() -> None:
    layer = attention()
    values = np.random.default_rng(0).normal(size=[1, 5, 4]).astype(np.float32)
    attend(layer, values)
    bias = np.zeros([2, 7], np.float32)
    bias[:, 2] = 50.0  # all of the attention goes to the position two before
    layer.bias.assign(bias)
    moved = attend(layer, values)
    alone = attend(layer, values[:, 1:2])  # one position attends to itself
    np.testing.assert_allclose(moved[0, 3], alone[0, 0], atol=1e-5)


def test_distances_beyond_the_window_have_the_bias_of_its_end() -> None:
    layer = attention(window=2)
    attend(layer, np.zeros([1, 4, 4], np.float32))
    layer.bias.assign([[0.0, 1.0, 2.0]] * 2)
    assert layer._distances(tf.constant(4))[0, 3].numpy().tolist() == [2.0, 2.0, 1.0, 0.0]
