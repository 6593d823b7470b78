"""How training is distributed: by the devices and workers that are available."""

from __future__ import annotations

import json
from typing import Literal

import tensorflow as tf

from components.errors import ConfigError

StrategyName = Literal["default", "mirrored", "multi_worker"]


def choose_strategy(tf_config: str | None, gpus: int) -> StrategyName:
    """Returns the name of the strategy.

    Args:
        tf_config: Value of the environment variable TF_CONFIG, if any.
        gpus: Number of GPUs of this machine.

    Returns:
        multi_worker where TF_CONFIG lists more than one worker (chief included), mirrored where
        there are several GPUs, else default.

    Raises:
        ConfigError: TF_CONFIG is not a JSON object.
    """
    try:
        cluster = dict(json.loads(tf_config or "{}")).get("cluster", {})
    except (TypeError, ValueError) as error:
        raise ConfigError(f"TF_CONFIG is not a JSON object: {error}") from error
    if len(cluster.get("chief", [])) + len(cluster.get("worker", [])) > 1:
        return "multi_worker"
    return "mirrored" if gpus > 1 else "default"


def make_strategy(name: StrategyName) -> tf.distribute.Strategy:
    """Returns the strategy that has this name."""
    if name == "multi_worker":
        return tf.distribute.MultiWorkerMirroredStrategy()
    if name == "mirrored":
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Says whether this process writes the results."""
    resolver = strategy.cluster_resolver
    if resolver is None or resolver.task_type is None:
        return True
    has_chief = bool(resolver.cluster_spec().as_dict().get("chief"))
    first = "chief" if has_chief else "worker"
    return resolver.task_type == first and resolver.task_id == 0
