from __future__ import annotations

from collections.abc import Iterator

import pytest
import tensorflow as tf

from components import progress
from components.trainer.fitting.callbacks import Progress, RoundFigures
from components.trainer.inputs.batches import TrainingData
from components.trainer.inputs.user_rows import UserRows

Report = tuple[int, int, str]


def length(**numbers: int) -> TrainingData:
    """Returns training data of which only the length is there."""
    rows = UserRows(tf.zeros([0], tf.int32), tf.ragged.constant([], tf.int32, ragged_rank=1))
    return TrainingData(tf.data.Dataset.range(0), validation={}, rows=rows, **numbers)


@pytest.fixture
def reports() -> Iterator[list[Report]]:
    heard: list[Report] = []
    with progress.listening(lambda done, total, text: heard.append((done, total, text))):
        yield heard


def test_round_figures_validates_every_so_often_and_at_last() -> None:
    callback = RoundFigures(lambda: {"top_1_accuracy": 0.5}, every=2, rounds=5)
    validated = []
    for epoch in range(5):
        logs = {"loss": 9.0, "mean_loss": 1.0, "total_loss": 9.0, "regularization_loss": 0.0}
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, logs)
        if "val_top_1_accuracy" in logs:
            validated.append(epoch + 1)
        # The mean of the epoch, not the last batch's loss.
        assert logs["loss"] == 1.0
        assert logs["seconds"] >= 0.0
        assert set(logs) <= {"loss", "seconds", "val_top_1_accuracy"}
    assert validated == [2, 4, 5]


def test_progress_reports_steps_and_last_figures(reports: list[Report]) -> None:
    callback = Progress(length(steps_in_pass=2, rounds=3, steps_in_round=2))
    callback.on_epoch_begin(0)
    callback.on_train_batch_end(0)
    callback.on_train_batch_end(1)
    callback.on_epoch_end(0, {"loss": 1.25, "val_unseen_top_100_accuracy": 0.5})
    callback.on_epoch_begin(1)
    callback.on_train_batch_end(0)
    assert reports == [
        (1, 6, "epoch 1/3"),
        (2, 6, "epoch 1/3"),
        (3, 6, "epoch 2/3, loss 1.250, unseen top-100 0.500"),
    ]


def test_progress_counts_passes_where_rounds_are_parts_of_them(reports: list[Report]) -> None:
    # 6 steps in 3 rounds; a pass has 4: the fifth step is of the second pass.
    callback = Progress(length(steps_in_pass=4, rounds=3, steps_in_round=2))
    for number in range(3):
        callback.on_epoch_begin(number)
        for batch in range(2):
            callback.on_train_batch_end(batch)
        callback.on_epoch_end(number, {"loss": 1.0 + number})
    assert [(done, total, text.partition(",")[0]) for done, total, text in reports] == [
        *((step, 6, "epoch 1/2") for step in (1, 2, 3, 4)),
        *((step, 6, "epoch 2/2") for step in (5, 6)),
    ]
    assert reports[-1][2] == "epoch 2/2, loss 2.000"
