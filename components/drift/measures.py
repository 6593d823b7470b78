"""The measures: distances of distributions, and shares of ids that are new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import tensorflow as tf
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.contracts.example_readers import parsed_batches
from components.contracts.examples import MOVIE_ID, USER_ID
from components.drift.result import Measure

_NAMES = {
    anomalies_pb2.DriftSkewInfo.Measurement.L_INFTY: "L-infinity distance",
    anomalies_pb2.DriftSkewInfo.Measurement.JENSEN_SHANNON_DIVERGENCE: "Jensen-Shannon divergence",
}


def distances(
    statistics: statistics_pb2.DatasetFeatureStatisticsList,
    baseline: statistics_pb2.DatasetFeatureStatisticsList,
    schema: schema_pb2.Schema,
) -> list[Measure]:
    """Returns the distances that the schema has a drift comparator with a threshold for.

    Args:
        statistics: Of today's data.
        baseline: Of the data that they are compared with.
        schema: Features with their `drift_comparator`.
    """
    anomalies = tfdv.validate_statistics(statistics, schema, previous_statistics=baseline)
    return [
        Measure(f"{'.'.join(info.path.step)}: {_NAMES[drift.type]}", drift.value, drift.threshold)
        for info in anomalies.drift_skew_info
        for drift in info.drift_measurements
    ]


def ids_in(files: Sequence[str]) -> dict[str, set[bytes]]:
    """Returns the distinct user and movie ids of user Examples, under USER_ID and MOVIE_ID.

    Args:
        files: Gzip TFRecords.
    """
    ids: dict[str, set[bytes]] = {USER_ID: set(), MOVIE_ID: set()}
    spec = {name: tf.io.RaggedFeature(tf.string) for name in ids}
    for batch in parsed_batches(files, spec):
        for name, values in ids.items():
            values.update(tf.unique(batch[name].flat_values).y.numpy().tolist())
    return ids


def share_of_new(ids: Iterable[bytes], known: Iterable[bytes]) -> float:
    """Returns which share of `ids` is not among the known ones; 0 where there are none."""
    present = set(ids)
    return len(present.difference(known)) / max(1, len(present))
