"""Dense layers between an embedding and a tower's output."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.config import TrainerConfig


def hidden_stack(config: TrainerConfig, seed: int) -> list[tf.keras.layers.Layer]:
    """Returns ReLU layers of `hidden_layers` and a linear one to `embedding_dim`; [] without any.

    Args:
        config: Settings.
        seed: Seed of the first layer's initial kernel; each next layer has the next number.
    """
    if not config.hidden_layers:
        return []
    sizes = [(width, "relu") for width in config.hidden_layers] + [(config.embedding_dim, None)]
    return [
        tf.keras.layers.Dense(
            units,
            activation=activation,
            kernel_initializer=tf.keras.initializers.GlorotUniform(seed=seed + number),
            name=f"hidden_{number}",
        )
        for number, (units, activation) in enumerate(sizes)
    ]
