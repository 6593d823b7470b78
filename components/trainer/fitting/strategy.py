"""How training is distributed: by the devices and workers that are available."""

from __future__ import annotations

import json

import tensorflow as tf

from components.errors import ConfigError


def is_cluster(tf_config: str | None) -> bool:
    """Says whether TF_CONFIG lists more than one worker, chief included.

    Args:
        tf_config: Value of the environment variable TF_CONFIG, if any.

    Raises:
        ConfigError: TF_CONFIG is not a JSON object.
    """
    try:
        cluster = dict(json.loads(tf_config or "{}")).get("cluster", {})
    except (TypeError, ValueError) as error:
        raise ConfigError(f"TF_CONFIG is not a JSON object: {error}") from error
    return len(cluster.get("chief", [])) + len(cluster.get("worker", [])) > 1


def find_devices(wanted: int) -> list[str]:
    """Returns the names of the devices to train on: GPUs, or CPUs where there is no GPU.

    Args:
        wanted: `trainer.devices`; 0 for all GPUs.

    Raises:
        ConfigError: There are fewer.
    """
    gpus = tf.config.list_logical_devices("GPU")
    found = gpus or tf.config.list_logical_devices("CPU")
    if wanted > len(found):
        kind = "GPU" if gpus else "CPU device, and no GPU"
        raise ConfigError(f"trainer.devices={wanted}: TensorFlow sees {len(found)} {kind}")
    return [device.name for device in found[: wanted or len(gpus) or 1]]


def training_strategy(devices: int, tf_config: str | None) -> tf.distribute.Strategy:
    """Returns how a training is distributed.

    Args:
        devices: `trainer.devices`; a training on several machines uses all GPUs of each.
        tf_config: Value of the environment variable TF_CONFIG, if any.

    Raises:
        ConfigError: There are fewer devices, or TF_CONFIG is wrong.
    """
    # Several machines first: TensorFlow must not look at devices before it knows of them.
    if is_cluster(tf_config):
        return tf.distribute.MultiWorkerMirroredStrategy()
    names = find_devices(devices) if devices != 1 else []
    if len(names) > 1:
        return tf.distribute.MirroredStrategy(names)
    return tf.distribute.get_strategy()


def refuse_cluster(tf_config: str | None) -> None:
    """Refuses to train on several machines in a process that has used TensorFlow already.

    Such a process cannot join the others: it would wait for them for ever.

    Raises:
        ConfigError: TF_CONFIG lists several workers, or is no JSON object.
    """
    if is_cluster(tf_config):
        raise ConfigError(
            "TF_CONFIG lists several workers, and a step of the pipeline trains on one machine; "
            "unset it, or start each worker by `python -m components.trainer.worker`"
        )


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Says whether this process writes the results."""
    resolver = strategy.cluster_resolver
    if resolver is None or resolver.task_type is None:
        return True
    has_chief = bool(resolver.cluster_spec().as_dict().get("chief"))
    first = "chief" if has_chief else "worker"
    return resolver.task_type == first and resolver.task_id == 0
