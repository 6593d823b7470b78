"""The optimizer and its learning rate schedule, from the configuration."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.fitting.adam_mini import AdamMini
from components.trainer.fitting.fused_adam import FusedAdam

_FINAL_SHARE = 0.02
# Popularity terms and offsets are not embeddings: decay would pull them to a wrong value.
_UNDECAYED = ["bias"]


def build_optimizer(config: TrainerConfig, steps: int) -> tf.keras.optimizers.Optimizer:
    """Returns the optimizer for a training of `steps` steps."""
    classes = {
        "adam_mini": AdamMini,
        "adam": FusedAdam,
        "adagrad": tf.keras.optimizers.Adagrad,
        "sgd": tf.keras.optimizers.SGD,
    }
    optimizer = classes[config.optimizer](
        learning_rate=learning_rate(config, steps), weight_decay=config.weight_decay or None
    )
    optimizer.exclude_from_weight_decay(var_names=_UNDECAYED)
    return optimizer


def learning_rate(
    config: TrainerConfig, steps: int
) -> float | tf.keras.optimizers.schedules.LearningRateSchedule:
    """Returns the rate: linear warm-up to the peak, then a cosine to 2 % of it, as configured."""
    peak, warmup = config.learning_rate, round(config.warmup_fraction * steps)
    if not config.cosine_decay and not warmup:
        return peak
    return tf.keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else peak,
        decay_steps=max(1, steps - warmup),
        alpha=_FINAL_SHARE if config.cosine_decay else 1.0,
        warmup_target=peak if warmup else None,
        warmup_steps=warmup,
    )
