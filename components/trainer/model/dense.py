"""Dense layers between an embedding and a tower's output."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf


def hidden_stack(widths: Sequence[int], dim: int, *, seed: int) -> list[tf.keras.layers.Layer]:
    """Returns ReLU layers of `widths` and a linear layer to `dim`; nothing if there is no width."""
    if not widths:
        return []
    sizes = [(width, "relu") for width in widths] + [(dim, None)]
    return [
        tf.keras.layers.Dense(
            units,
            activation=activation,
            kernel_initializer=tf.keras.initializers.GlorotUniform(seed=seed + place),
            name=f"hidden_{place}",
        )
        for place, (units, activation) in enumerate(sizes)
    ]
