"""How batches are divided among devices; test_worker.py trains on several."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import tensorflow as tf

from components.errors import ConfigError
from components.trainer.config import TrainerConfig
from components.trainer.fitting import devices


@pytest.mark.parametrize(("rows", "sizes"), [(5, [2, 3]), (4, [2, 2]), (1, [0, 1])])
def test_batch_part_divides_in_order_and_evenly(rows: int, sizes: list[int]) -> None:
    batch = {
        "user_index": tf.range(rows),
        "history": tf.RaggedTensor.from_row_lengths(
            tf.range(rows * (rows - 1) // 2), tf.range(rows)
        ),
    }
    parts = [devices.batch_part(batch, tf.constant(number, tf.int64), 2) for number in range(2)]
    assert [int(tf.size(part["user_index"])) for part in parts] == sizes
    users = [user for part in parts for user in part["user_index"].numpy()]
    histories = [row for part in parts for row in part["history"].to_list()]
    assert users == list(range(rows))
    assert histories == batch["history"].to_list()


def test_distribute_leaves_the_batches_of_one_device() -> None:
    batches = tf.data.Dataset.range(3)
    assert devices.distribute(batches, tf.distribute.get_strategy()) is batches


def test_check_divisible_refuses_losses_of_one_device() -> None:
    several = SimpleNamespace(num_replicas_in_sync=2)
    devices.check_divisible(TrainerConfig(), several)
    devices.check_divisible(TrainerConfig(loss="in_batch"), tf.distribute.get_strategy())
    with pytest.raises(ConfigError, match=r"trainer.loss=in_batch: on one device only"):
        devices.check_divisible(TrainerConfig(loss="in_batch"), several)


def test_all_workers_leaves_errors_of_one_machine() -> None:
    with (
        pytest.raises(tf.errors.InternalError),
        devices.all_workers(tf.distribute.get_strategy()),
    ):
        raise tf.errors.InternalError(None, None, "x")
