"""The statistics of a model's training data, stored in the SavedModel's folder.

A copy of a live model therefore still says what the model was trained on.
"""

from __future__ import annotations

import os

from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.dsl.io import fileio
from tfx.utils import io_utils

from components.contracts.saved_model import TRAINING_STATISTICS, vocabulary_file


def attach(model: str, statistics: str) -> None:
    """Copies a file of statistics, as StatisticsGen writes it, into the SavedModel's folder."""
    io_utils.copy_file(statistics, os.path.join(model, TRAINING_STATISTICS), overwrite=True)


def detach(model: str) -> statistics_pb2.DatasetFeatureStatisticsList | None:
    """Returns the statistics in a SavedModel's folder; None where there are none."""
    path = os.path.join(model, TRAINING_STATISTICS)
    if not fileio.exists(path):
        return None
    return statistics_pb2.DatasetFeatureStatisticsList.FromString(io_utils.read_bytes_file(path))


def vocabulary(model: str, name: str) -> list[bytes]:
    """Returns a vocabulary of a SavedModel, in index order; empty where it has none of the name."""
    path = vocabulary_file(model, name)
    return io_utils.read_bytes_file(path).splitlines() if fileio.exists(path) else []
