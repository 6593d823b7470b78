from __future__ import annotations

import json

import pytest
import tensorflow as tf

from components.errors import ConfigError
from components.trainer.fitting.strategy import (
    choose_strategy,
    find_devices,
    is_chief,
    make_strategy,
    refuse_cluster,
    training_strategy,
)

TWO_WORKERS = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 0}}
CHIEF_AND_WORKER = {"cluster": {"chief": ["a:1"], "worker": ["b:1"]}}
ONE_WORKER = {"cluster": {"worker": ["a:1"]}}


@pytest.mark.parametrize(
    ("tf_config", "devices", "expected"),
    [
        (None, 0, "default"),
        (None, 1, "default"),
        (None, 2, "mirrored"),
        ("{}", 4, "mirrored"),
        (json.dumps(ONE_WORKER), 0, "default"),
        (json.dumps(TWO_WORKERS), 0, "multi_worker"),
        (json.dumps(TWO_WORKERS), 2, "multi_worker"),
        (json.dumps(CHIEF_AND_WORKER), 0, "multi_worker"),
    ],
)
def test_choose_strategy(tf_config: str | None, devices: int, expected: str) -> None:
    assert choose_strategy(tf_config, devices) == expected


@pytest.mark.parametrize("tf_config", ["no json", "[1]"])
def test_choose_strategy_refuses_what_is_no_json_object(tf_config: str) -> None:
    with pytest.raises(ConfigError, match="TF_CONFIG is not a JSON object"):
        choose_strategy(tf_config, 0)


def test_make_strategy_without_more_devices_is_the_default() -> None:
    assert training_strategy(1, None) is tf.distribute.get_strategy()
    assert is_chief(training_strategy(1, None))


def test_make_strategy_mirrors() -> None:
    strategy = make_strategy("mirrored", find_devices(1))
    assert isinstance(strategy, tf.distribute.MirroredStrategy)
    assert is_chief(strategy)


def test_find_devices_refuses_more_than_there_are() -> None:
    with pytest.raises(ConfigError, match=r"trainer.devices=9: TensorFlow sees \d"):
        find_devices(9)


def test_refuse_cluster_names_the_command_of_a_worker() -> None:
    refuse_cluster(None)
    refuse_cluster(json.dumps(ONE_WORKER))
    with pytest.raises(ConfigError, match=r"python -m components.trainer.worker"):
        refuse_cluster(json.dumps(TWO_WORKERS))


@pytest.mark.parametrize(
    ("chiefs", "task_type", "task_id", "expected"),
    [
        (0, "worker", 0, True),
        (0, "worker", 1, False),
        (1, "chief", 0, True),
        (1, "worker", 0, False),
    ],
)
def test_is_chief_of_several_workers(
    chiefs: int, task_type: str, task_id: int, expected: bool
) -> None:
    cluster = {"worker": ["a:1", "b:1"], **({"chief": ["c:1"]} if chiefs else {})}

    class Strategy:
        cluster_resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
            tf.train.ClusterSpec(cluster), task_type=task_type, task_id=task_id
        )

    assert is_chief(Strategy()) is expected
