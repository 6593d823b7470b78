from __future__ import annotations

from collections.abc import Iterator

import pytest

from components import progress
from components.trainer.fitting.callbacks import EpochFigures, Progress

Report = tuple[int, int, str]


@pytest.fixture
def reports() -> Iterator[list[Report]]:
    heard: list[Report] = []
    with progress.listening(lambda done, total, text: heard.append((done, total, text))):
        yield heard


def test_epoch_figures_validates_every_so_often_and_at_last() -> None:
    callback = EpochFigures(lambda: {"top_1_accuracy": 0.5}, every=2, epochs=5)
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
    callback = Progress(steps_per_epoch=2, epochs=3)
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
