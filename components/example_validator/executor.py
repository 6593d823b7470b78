"""Stops the run where TFX's ExampleValidator would only record the anomalies."""

from __future__ import annotations

import os
from typing import Any

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx.components.example_validator import executor as stock
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils

from components.errors import DataError


class Executor(stock.Executor):
    """Validates as the stock executor does, then refuses data that has anomalies."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> Any:
        """Runs the stock validation.

        Raises:
            DataError: Where a split has anomalies; the message lists them.
        """
        output = super().Do(input_dict, output_dict, exec_properties)
        artifact = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.ANOMALIES_KEY]
        )
        anomalies: list[str] = []
        for split in artifact_utils.decode_split_names(artifact.split_names):
            anomalies += describe_anomalies(split, read_anomalies(artifact.uri, split))
        if anomalies:
            raise DataError("the data does not follow the schema: " + "; ".join(anomalies))
        return output


def read_anomalies(uri: str, split: str) -> anomalies_pb2.Anomalies:
    """Reads the anomalies of one split from an ExampleAnomalies artifact."""
    path = os.path.join(uri, f"Split-{split}", stock.DEFAULT_FILE_NAME)
    anomalies = anomalies_pb2.Anomalies()
    anomalies.ParseFromString(io_utils.read_bytes_file(path))
    return anomalies


def describe_anomalies(split: str, anomalies: anomalies_pb2.Anomalies) -> list[str]:
    """Returns one `split/feature: what is wrong` for each anomaly, sorted by feature."""
    lines = [
        f"{split}/{feature}: {info.description}"
        for feature, info in sorted(anomalies.anomaly_info.items())
    ]
    if anomalies.HasField("dataset_anomaly_info"):
        lines.append(f"{split}: {anomalies.dataset_anomaly_info.description}")
    return lines
