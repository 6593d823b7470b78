"""The Drift component: compares today's data with the training data of the live model."""

from __future__ import annotations

from typing import Any

from absl import logging
from tfx import types
from tfx.components.statistics_gen import stats_artifact_utils
from tfx.types import standard_artifacts
from tfx.utils import io_utils, path_utils

from components import component
from components.artifacts import Metrics
from components.component import Artifacts
from components.contracts.example_artifacts import split_files
from components.contracts.examples import TRAIN
from components.drift import result
from components.drift.config import DriftConfig
from components.drift.measures import distances, ids_in, share_of_new
from components.drift.result import Measure
from components.drift.training_statistics import detach, vocabulary
from components.errors import DataError
from components.live_model.artifact import if_present


class Executor(component.Executor):
    """Measures drift of the split train."""

    def run(self, inputs: Artifacts, outputs: Artifacts, properties: dict[str, Any]) -> None:
        """Writes the measures; there are none where nothing is live.

        Raises:
            DataError: Something drifted and `drift.action` is stop.
        """
        config = DriftConfig.model_validate_json(properties["config"])
        artifact = outputs.one("drift")
        measures = _measure(inputs, config)
        result.write(artifact.uri, measures)
        for measure in measures:
            artifact.set_float_custom_property(measure.name, measure.value)
        warning = result.warning(measures)
        if warning and config.action == "stop":
            raise DataError(f"{warning} (drift.action=warn goes on all the same)")
        if warning:
            logging.warning("Drift: %s", warning)


def _measure(inputs: Artifacts, config: DriftConfig) -> list[Measure]:
    live = if_present(inputs["live_model"])
    if live is None:
        return []
    model = path_utils.serving_model_path(live.uri)
    baseline = detach(model)
    if baseline is None:
        logging.warning("The live model has no statistics of its training data: drift not measured")
        return []
    schema = io_utils.SchemaReader().read(io_utils.get_only_uri_in_dir(inputs.uri("schema")))
    examples, statistics = _compared(inputs)
    today = stats_artifact_utils.load_statistics(statistics[0], TRAIN).proto()
    ids = ids_in(split_files(examples, TRAIN))
    shares = {"user": config.max_new_user_share, "movie": config.max_new_movie_share}
    return [
        *(
            Measure(
                f"share of new {kind}s",
                share_of_new(ids[f"{kind}_id"], vocabulary(model, f"{kind}_id")),
                threshold,
            )
            for kind, threshold in shares.items()
        ),
        *distances(today, baseline, schema),
    ]


def _compared(inputs: Artifacts) -> tuple[list[types.Artifact], list[types.Artifact]]:
    """Returns examples and statistics of the newest span; of all where that is the only one."""
    if if_present(inputs.get("newest_examples")):
        return inputs["newest_examples"], inputs["newest_statistics"]
    return inputs["examples"], inputs["statistics"]


class Drift(component.Component):
    """Compares today's data with the training data of the live model.

    TFX's DistributionValidator takes the statistics of an earlier run, which only a resolver finds:
    Kubeflow has none. And it does not count new ids.

    Inputs:
        statistics: Statistics of the examples.
        schema: Schema with drift comparators.
        examples: All that is read.
        live_model: The live model, or an artifact that is marked as absent.
        newest_examples: The newest span, which is compared in the place of all; may be absent.
        newest_statistics: Statistics of it.

    Parameters:
        config: DriftConfig.
    """

    EXECUTOR = Executor
    INPUTS = {
        "statistics": standard_artifacts.ExampleStatistics,
        "schema": standard_artifacts.Schema,
        "examples": standard_artifacts.Examples,
        "live_model": standard_artifacts.Model,
    }
    OPTIONAL_INPUTS = {
        "newest_examples": standard_artifacts.Examples,
        "newest_statistics": standard_artifacts.ExampleStatistics,
    }
    OUTPUTS = {"drift": Metrics}
    PARAMETERS = ("config",)
