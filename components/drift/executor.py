"""Compares today's data with those of the live model; stops the run if it is told to."""

from __future__ import annotations

from typing import Any

from absl import logging
from tfx import types
from tfx.components.statistics_gen import stats_artifact_utils
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import io_utils, path_utils

from components.contracts.example_artifacts import split_files
from components.contracts.examples import TRAIN
from components.drift import result
from components.drift.config import DriftConfig
from components.drift.ids import ids_in
from components.drift.measures import distances, share_of_new
from components.drift.result import Measure
from components.drift.training_statistics import detach, vocabulary
from components.errors import DataError
from components.live_model.artifact import is_absent

STATISTICS_KEY = "statistics"
SCHEMA_KEY = "schema"
EXAMPLES_KEY = "examples"
LIVE_MODEL_KEY = "live_model"
DRIFT_KEY = "drift"
CONFIG_KEY = "config"


class Executor(base_executor.BaseExecutor):
    """Measures drift of the split train."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the measures; there are none where nothing is live.

        Raises:
            DataError: Where something drifted and `drift.action` is stop.
        """
        config = DriftConfig.model_validate_json(exec_properties[CONFIG_KEY])
        artifact = artifact_utils.get_single_instance(output_dict[DRIFT_KEY])
        measures = _measure(input_dict, config)
        result.write(artifact.uri, measures)
        for measure in measures:
            artifact.set_float_custom_property(measure.name, measure.value)
        warning = result.warning(measures)
        if warning and config.action == "stop":
            raise DataError(f"{warning} (drift.action=warn goes on all the same)")
        if warning:
            logging.warning("Drift: %s", warning)


def _measure(input_dict: dict[str, list[types.Artifact]], config: DriftConfig) -> list[Measure]:
    live = artifact_utils.get_single_instance(input_dict[LIVE_MODEL_KEY])
    if is_absent(live):
        return []
    model = path_utils.serving_model_path(live.uri)
    baseline = detach(model)
    if baseline is None:
        logging.warning("The live model does not tell what it was trained on: no drift measured")
        return []
    statistics = artifact_utils.get_single_instance(input_dict[STATISTICS_KEY])
    schema = io_utils.SchemaReader().read(
        io_utils.get_only_uri_in_dir(artifact_utils.get_single_uri(input_dict[SCHEMA_KEY]))
    )
    today = stats_artifact_utils.load_statistics(statistics, TRAIN).proto()
    ids = ids_in(split_files(input_dict[EXAMPLES_KEY], TRAIN))
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
