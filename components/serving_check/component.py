"""The ServingCheck component: does the exported model answer as a server needs it to?"""

from __future__ import annotations

import logging
import os
from typing import Any

from tfx import types
from tfx.types import standard_artifacts
from tfx.utils import io_utils, path_utils

from components import component
from components.component import Artifacts
from components.contracts.example_artifacts import split_files
from components.contracts.examples import MOVIES, TRAIN
from components.serving_check.config import ServingCheckConfig
from components.serving_check.process import run_probe
from components.serving_check.request import make_request
from components.serving_check.result import ServingCheckResult, write_check

# As TFX's InfraValidator marks its blessing and Pusher reads it.
BLESSED, HAS_MODEL = "blessed", "has_model"
FILES = {True: "INFRA_BLESSED", False: "INFRA_NOT_BLESSED"}


class Executor(component.Executor):
    """Gives the Pusher its infra blessing."""

    def run(self, inputs: Artifacts, outputs: Artifacts, properties: dict[str, Any]) -> None:
        """Probes the model and marks the InfraBlessing artifact."""
        config = ServingCheckConfig.model_validate_json(properties["config"])
        request = make_request(
            split_files(inputs["examples"], TRAIN), split_files(inputs["movies"], MOVIES), config
        )
        model = path_utils.serving_model_path(inputs.uri("model"))
        result = run_probe(model, request, config.timeout_seconds)
        logging.info("Serving check: %s", result.reason)
        bless(outputs.one("blessing"), result)


def bless(blessing: types.Artifact, result: ServingCheckResult) -> None:
    """Marks the artifact as TFX's InfraValidator would, and writes the result into it."""
    io_utils.write_string_file(os.path.join(blessing.uri, FILES[result.passed]), "")
    blessing.set_int_custom_property(BLESSED, int(result.passed))
    blessing.set_int_custom_property(HAS_MODEL, 0)
    write_check(blessing.uri, result)


class ServingCheck(component.Component):
    """Loads the exported model in a fresh process, queries it, and blesses it if all is right.

    Inputs:
        model: The trained Model.
        examples: Examples with the split train, one Example per user.
        movies: Examples with the split movies, the catalogue.

    Parameters:
        config: ServingCheckConfig: the queries, and which answers are accepted.
    """

    EXECUTOR = Executor
    INPUTS = {
        "model": standard_artifacts.Model,
        "examples": standard_artifacts.Examples,
        "movies": standard_artifacts.Examples,
    }
    OUTPUTS = {"blessing": standard_artifacts.InfraBlessing}
    PARAMETERS = ("config",)
