"""Training on several devices and machines: each takes its part of every batch."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

from components.errors import ConfigError, WorkerLostError
from components.trainer.config import TrainerConfig
from components.trainer.fitting.strategy import is_chief

# What collective operations raise when a worker that they wait for is gone.
_LOST = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
)
# The loss whose gradients are dense, and the same on any number of devices.
DIVISIBLE = "full_softmax"


def check_divisible(config: TrainerConfig, strategy: tf.distribute.Strategy) -> None:
    """Refuses a loss that several devices would change.

    Raises:
        ConfigError: There are several, and the negatives would be those of one device's part.
    """
    replicas = strategy.num_replicas_in_sync
    if replicas > 1 and config.loss != DIVISIBLE:
        raise ConfigError(
            f"trainer.loss={config.loss}: on one device only, and there are {replicas}; accepted: "
            f"trainer.devices=1, or trainer.loss={DIVISIBLE}"
        )


def distribute(batches: tf.data.Dataset, strategy: tf.distribute.Strategy) -> Any:
    """Divides every batch among the replicas of all workers, in order and evenly.

    Every worker makes the same batches, from the same seeds, and takes the rows of its replicas.

    Args:
        batches: Dicts of tensors and ragged tensors with the same first dimension.
        strategy: How to distribute; with one replica the batches stay as they are.
    """
    replicas = strategy.num_replicas_in_sync
    if replicas == 1:
        return batches

    def parts(context: tf.distribute.InputContext) -> tf.data.Dataset:
        mine = replicas // context.num_input_pipelines
        first = context.input_pipeline_id * mine
        numbers = tf.data.Dataset.range(first, first + mine)
        return batches.flat_map(
            lambda batch: numbers.map(lambda number: batch_part(batch, number, replicas))
        )

    return strategy.distribute_datasets_from_function(parts)


def batch_part(batch: Any, number: tf.Tensor, parts: int) -> Any:
    """Returns the rows of one of several parts, whose sizes differ by at most one.

    Args:
        batch: Dict of tensors and ragged tensors with the same first dimension.
        number: Of the part, an int64 scalar from 0.
        parts: How many there are; where there are fewer rows, some parts are empty.
    """

    def rows(values: tf.Tensor | tf.RaggedTensor) -> tf.Tensor | tf.RaggedTensor:
        ragged = isinstance(values, tf.RaggedTensor)
        size = values.nrows(tf.int64) if ragged else tf.shape(values, tf.int64)[0]
        return values[size * number // parts : size * (number + 1) // parts]

    return tf.nest.map_structure(rows, batch)


@contextmanager
def all_workers(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Turns the failure of a step that waits for a lost worker into one line.

    Raises:
        WorkerLostError: A worker of several ended or does not answer.
    """
    try:
        yield
    except _LOST as error:
        if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            raise
        raise WorkerLostError(
            "Trainer: a worker of TF_CONFIG is gone or does not answer; nothing was exported; "
            "start all workers again"
        ) from error


@contextmanager
def export_folder(strategy: tf.distribute.Strategy, model_path: str) -> Iterator[str]:
    """Gives the place of the SavedModel: of a worker that is not the chief, one that is removed.

    All workers have to save: values that each keeps for itself, as those of metrics, are added up
    over all of them then.
    """
    if is_chief(strategy):
        yield model_path
        return
    with tempfile.TemporaryDirectory(prefix="not-chief-") as folder:
        yield os.path.join(folder, "model")


def wait_for_all(strategy: tf.distribute.Strategy) -> None:
    """Waits until all workers are here: none may leave while another still needs it."""
    if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        with all_workers(strategy):
            one = strategy.run(lambda: tf.ones([]))
            strategy.reduce(tf.distribute.ReduceOp.SUM, one, axis=None)
