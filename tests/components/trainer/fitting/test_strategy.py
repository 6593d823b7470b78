from __future__ import annotations

import json

import pytest
import tensorflow as tf

from components.errors import ConfigError
from components.trainer.fitting import strategy as module
from components.trainer.fitting.strategy import (
    find_devices,
    is_chief,
    is_cluster,
    refuse_cluster,
    training_strategy,
)

TWO_WORKERS = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 0}}
CHIEF_AND_WORKER = {"cluster": {"chief": ["a:1"], "worker": ["b:1"]}}
ONE_WORKER = {"cluster": {"worker": ["a:1"]}}


@pytest.mark.parametrize(
    ("tf_config", "expected"),
    [
        (None, False),
        ("{}", False),
        (json.dumps(ONE_WORKER), False),
        (json.dumps(TWO_WORKERS), True),
        (json.dumps(CHIEF_AND_WORKER), True),
    ],
)
def test_is_cluster(tf_config: str | None, expected: bool) -> None:
    assert is_cluster(tf_config) is expected


@pytest.mark.parametrize("tf_config", ["no json", "[1]"])
def test_is_cluster_refuses_what_is_no_json_object(tf_config: str) -> None:
    with pytest.raises(ConfigError, match="TF_CONFIG is not a JSON object"):
        is_cluster(tf_config)


def test_training_strategy_without_more_devices_is_the_default() -> None:
    assert training_strategy(1, None) is tf.distribute.get_strategy()
    assert is_chief(training_strategy(1, None))


@pytest.mark.parametrize(("found", "mirrors"), [(["a"], False), (["a", "b"], True)])
def test_training_strategy_mirrors_on_several_devices(
    monkeypatch: pytest.MonkeyPatch, found: list[str], mirrors: bool
) -> None:
    monkeypatch.setattr(module, "find_devices", lambda wanted: found)
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", lambda devices: devices)
    expected = found if mirrors else tf.distribute.get_strategy()
    assert training_strategy(0, json.dumps(ONE_WORKER)) == expected


def test_training_strategy_joins_the_other_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", lambda: "workers")
    assert training_strategy(9, json.dumps(TWO_WORKERS)) == "workers"


def test_is_chief_of_mirrored_devices() -> None:
    assert is_chief(tf.distribute.MirroredStrategy(find_devices(1)))


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
