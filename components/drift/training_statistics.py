"""The statistics of a model's training data, which travel with the model.

They lie in the SavedModel's folder `assets.extra`, which is kept for what is not part of the graph.
A live model so tells by itself what it was trained on, wherever it was copied.
"""

from __future__ import annotations

import os

from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.dsl.io import fileio

_FILE = os.path.join("assets.extra", "training_statistics.pb")


def attach(model: str, statistics: str) -> None:
    """Copies a file of statistics, as StatisticsGen writes it, into the SavedModel's folder."""
    path = os.path.join(model, _FILE)
    fileio.makedirs(os.path.dirname(path))
    fileio.copy(statistics, path, overwrite=True)


def detach(model: str) -> statistics_pb2.DatasetFeatureStatisticsList | None:
    """Returns the statistics in a SavedModel's folder; None where there are none."""
    path = os.path.join(model, _FILE)
    if not fileio.exists(path):
        return None
    with fileio.open(path, "rb") as file:
        return statistics_pb2.DatasetFeatureStatisticsList.FromString(file.read())


def vocabulary(model: str, name: str) -> list[bytes]:
    """Returns a vocabulary of a SavedModel, in index order; empty where it has none of the name."""
    path = os.path.join(model, "assets", name)
    if not fileio.exists(path):
        return []
    with fileio.open(path, "rb") as file:
        return file.read().splitlines()
