"""Stops the run where TFX's ExampleValidator would only record the anomalies."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2
from tfx import types
from tfx.components.example_validator import executor as stock
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils

from components.component import ArtifactDict, Artifacts
from components.contracts.examples import USER_FEATURES
from components.errors import DataError

AnomaliesBySplit = Mapping[str, anomalies_pb2.Anomalies]

USER_FEATURES_KEY = "user_features"
_OUTSIDE = anomalies_pb2.AnomalyInfo.ENUM_TYPE_UNEXPECTED_STRING_VALUES


class Executor(stock.Executor):
    """Validates as the stock executor does, then refuses data that has anomalies."""

    def Do(
        self, input_dict: ArtifactDict, output_dict: ArtifactDict, exec_properties: dict[str, Any]
    ) -> Any:
        """Runs the stock validation.

        Raises:
            DataError: Where a split has anomalies in what the model uses; the message lists them.
        """
        output = super().Do(input_dict, output_dict, exec_properties)
        by_split = read_anomalies(
            Artifacts(output_dict).one(standard_component_specs.ANOMALIES_KEY)
        )
        used = json.loads(exec_properties[USER_FEATURES_KEY])
        if lines := describe_anomalies(by_split, set(USER_FEATURES).difference(used)):
            schema_folder = Artifacts(input_dict).uri(standard_component_specs.SCHEMA_KEY)
            schema = io_utils.SchemaReader().read(io_utils.get_only_uri_in_dir(schema_folder))
            lines += accepted_values(by_split, schema, used)
            raise DataError("the data does not follow the schema: " + "; ".join(lines))
        if warning := unused_warning(describe_anomalies(by_split)):
            logging.warning("ExampleValidator: %s", warning)
        return output


def unused_warning(lines: Sequence[str]) -> str:
    """Returns a warning of the anomalies of a run that went on in spite of them; "" without any.

    Args:
        lines: What `describe_anomalies` says of all anomalies of the run.
    """
    if not lines:
        return ""
    what = "; ".join(lines)
    return f"the data does not follow the schema in features that the model does not use: {what}"


def read_anomalies(artifact: types.Artifact) -> AnomaliesBySplit:
    """Reads the anomalies of each split from an ExampleAnomalies artifact."""
    return {
        split: anomalies_pb2.Anomalies.FromString(
            io_utils.read_bytes_file(
                os.path.join(artifact.uri, f"Split-{split}", stock.DEFAULT_FILE_NAME)
            )
        )
        for split in artifact_utils.decode_split_names(artifact.split_names)
    }


def describe_anomalies(by_split: AnomaliesBySplit, leave_out: Collection[str] = ()) -> list[str]:
    """Returns one `split/feature: what is wrong` for each anomaly, by split, sorted by feature.

    Args:
        by_split: The anomalies of each split.
        leave_out: Features of which nothing is said.
    """
    lines: list[str] = []
    for split, anomalies in by_split.items():
        lines += [
            f"{split}/{feature}: {info.description}"
            for feature, info in sorted(anomalies.anomaly_info.items())
            if feature not in leave_out
        ]
        if anomalies.HasField("dataset_anomaly_info"):
            lines.append(f"{split}: {anomalies.dataset_anomaly_info.description}")
    return lines


def accepted_values(
    by_split: AnomaliesBySplit, schema: schema_pb2.Schema, features: Iterable[str]
) -> list[str]:
    """Returns for each feature with values outside of its domain which values are accepted."""
    domains = {domain.name: domain.value for domain in schema.string_domain}
    domain_of = {feature.name: feature.domain for feature in schema.feature}
    return [
        f"accepted for {name}: {', '.join(domains.get(domain_of.get(name, ''), ()))}, "
        "or a schema with more values (schema.path)"
        for name in features
        if any(
            reason.type == _OUTSIDE
            for anomalies in by_split.values()
            if name in anomalies.anomaly_info
            for reason in anomalies.anomaly_info[name].reason
        )
    ]
