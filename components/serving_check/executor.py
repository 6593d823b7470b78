"""Checks the exported model in a fresh process and blesses it or not."""

from __future__ import annotations

import logging
import os
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import io_utils, path_utils

from components.contracts.example_artifacts import split_files
from components.contracts.examples import MOVIES, TRAIN
from components.serving_check.config import ServingCheckConfig
from components.serving_check.process import run_probe
from components.serving_check.request import make_request
from components.serving_check.result import ServingCheckResult, write_check

MODEL_KEY = "model"
EXAMPLES_KEY = "examples"
MOVIES_KEY = "movies"
BLESSING_KEY = "blessing"
CONFIG_KEY = "config"
# As TFX's InfraValidator marks its blessing and Pusher reads it.
BLESSED, HAS_MODEL = "blessed", "has_model"
FILES = {True: "INFRA_BLESSED", False: "INFRA_NOT_BLESSED"}


class Executor(base_executor.BaseExecutor):
    """Gives the Pusher its infra blessing."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Probes the model and marks the InfraBlessing artifact.

        Args:
            input_dict: model; examples with the split train; movies with the split movies.
            output_dict: blessing.
            exec_properties: config, the ServingCheckConfig as JSON.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        config = ServingCheckConfig.model_validate_json(exec_properties[CONFIG_KEY])
        request = make_request(
            split_files(input_dict[EXAMPLES_KEY], TRAIN),
            split_files(input_dict[MOVIES_KEY], MOVIES),
            config,
        )
        model = artifact_utils.get_single_instance(input_dict[MODEL_KEY])
        verdict = run_probe(
            path_utils.serving_model_path(model.uri), request, config.timeout_seconds
        )
        logging.info("Serving check: %s", verdict.reason)
        bless(artifact_utils.get_single_instance(output_dict[BLESSING_KEY]), verdict)


def bless(blessing: types.Artifact, verdict: ServingCheckResult) -> None:
    """Marks the artifact as TFX's InfraValidator would, and leaves the verdict in it."""
    io_utils.write_string_file(os.path.join(blessing.uri, FILES[verdict.passed]), "")
    blessing.set_int_custom_property(BLESSED, int(verdict.passed))
    blessing.set_int_custom_property(HAS_MODEL, 0)
    write_check(blessing.uri, verdict)
