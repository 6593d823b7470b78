"""Callbacks of a training: validation by round, progress by step.

What Keras calls an epoch is a round of TrainingData: a pass over the data, or a part of one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from components import progress
from components.contracts.metric_names import UNSEEN, accuracy
from components.trainer.inputs.batches import TrainingData

_SHOWN = f"val_{accuracy(100, UNSEEN)}"


class RoundFigures(tf.keras.callbacks.Callback):
    """Sets a round's logs to its mean loss, seconds and validation figures.

    It must be the first of the callbacks, so that the others see the same logs.
    """

    def __init__(self, evaluate: Callable[[], dict[str, float]], every: int, rounds: int) -> None:
        """Initializes the callback.

        Args:
            evaluate: Returns the validation figures.
            every: Rounds between validations; the last round always has one.
            rounds: Number of rounds.
        """
        super().__init__()
        self._evaluate = evaluate
        self._every = every
        self._rounds = rounds
        self._start = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Starts the clock."""
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Replaces the last batch's losses by the round's mean; adds seconds and `val_` figures."""
        if logs is None:
            return
        logs["loss"] = logs.pop("mean_loss")
        for name in ("total_loss", "regularization_loss"):
            logs.pop(name, None)
        logs["seconds"] = time.perf_counter() - self._start
        if (epoch + 1) % self._every == 0 or epoch + 1 == self._rounds:
            logs.update({f"val_{name}": value for name, value in self._evaluate().items()})


class Progress(tf.keras.callbacks.Callback):
    """Reports each step with the latest figures (see components/progress.py)."""

    def __init__(self, data: TrainingData) -> None:
        """Initializes the callback with the length of the training."""
        super().__init__()
        self._data = data
        self._round = 0
        self._figures = ""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Remembers the round, counted from 0."""
        self._round = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Reports the steps done."""
        done = self._round * self._data.steps_in_round + batch + 1
        passes = math.ceil(self._data.steps / self._data.steps_in_pass)
        text = f"epoch {(done - 1) // self._data.steps_in_pass + 1}/{passes}{self._figures}"
        progress.report(done, self._data.steps, text)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Remembers the round's figures."""
        logs = logs or {}
        figures = [f"loss {logs['loss']:.3f}"] if "loss" in logs else []
        if _SHOWN in logs:
            figures.append(f"unseen top-100 {logs[_SHOWN]:.3f}")
        self._figures = "".join(f", {figure}" for figure in figures)
