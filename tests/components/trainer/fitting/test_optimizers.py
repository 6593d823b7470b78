from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.fitting.adam_mini import AdamMini
from components.trainer.fitting.fused_adam import FusedAdam
from components.trainer.fitting.optimizers import build_optimizer, learning_rate


def test_learning_rate_rises_then_falls_as_a_cosine() -> None:
    config = TrainerConfig(learning_rate=0.5, warmup_fraction=0.1)
    rate = learning_rate(config, 100)
    # Ten steps of warm-up, then 90 of cosine: half-way (step 55) the mean of 1 and .02; last .02.
    for step, expected in {0: 0.0, 5: 0.25, 10: 0.5, 55: 0.5 * 0.51, 100: 0.5 * 0.02}.items():
        np.testing.assert_allclose(rate(step), expected, rtol=1e-5, atol=1e-7)


def test_learning_rate_without_cosine_stays_after_warm_up() -> None:
    rate = learning_rate(TrainerConfig(learning_rate=0.5, cosine_decay=False), 100)
    for step, expected in {0: 0.0, 5: 0.25, 10: 0.5, 99: 0.5}.items():
        np.testing.assert_allclose(rate(step), expected, rtol=1e-5, atol=1e-7)


def test_learning_rate_without_schedule_is_a_number() -> None:
    config = TrainerConfig(learning_rate=0.1, cosine_decay=False, warmup_fraction=0.0)
    assert learning_rate(config, 100) == 0.1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adam_mini", AdamMini),
        ("adam", FusedAdam),
        ("adagrad", tf.keras.optimizers.Adagrad),
        ("sgd", tf.keras.optimizers.SGD),
    ],
)
def test_build_optimizer_decays_embeddings_and_no_bias(name: str, kind: type) -> None:
    config = TrainerConfig(
        optimizer=name,
        learning_rate=0.5,
        weight_decay=0.1,
        cosine_decay=False,
        warmup_fraction=0.0,
    )
    optimizer = build_optimizer(config, 10)
    assert type(optimizer) is kind
    table = tf.Variable([2.0], name="movie_embeddings")
    bias = tf.Variable([2.0], name="movie_bias")
    optimizer.apply_gradients([(tf.zeros([1]), table), (tf.zeros([1]), bias)])
    # Without gradients only the decay of .5 · .1 · 2 is left, for the table alone.
    np.testing.assert_allclose(table.numpy(), [1.9], rtol=1e-6)
    np.testing.assert_allclose(bias.numpy(), [2.0], rtol=1e-6)


def test_build_optimizer_without_decay_leaves_weights_alone() -> None:
    optimizer = build_optimizer(TrainerConfig(weight_decay=0.0), 10)
    table = tf.Variable([2.0], name="movie_embeddings")
    optimizer.apply_gradients([(tf.zeros([1]), table)])
    assert table.numpy() == [2.0]
