"""Runs ExampleGen's driver in its container: Kubeflow has no drivers of its own for TFX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.kubeflow.step.executor_output import Message

EXAMPLES = "examples"


def run_driver(driver_class_path: str, values: Mapping[str, Any], message: Message) -> Message:
    """Finds span, version and fingerprint of the data.

    Args:
        driver_class_path: Import path of the driver class.
        values: Parameters of the step.
        message: ExecutorInput with local paths.

    Returns:
        ExecutorOutput: parameters that replace the step's, and metadata of the Examples.
    """
    from tfx.components.example_gen import utils
    from tfx.utils import import_utils

    driver = import_utils.import_class_by_path(driver_class_path)(None)
    resolved = driver.resolve_exec_properties(dict(values), None, None)
    properties = {
        name: resolved[name]
        for name in (
            utils.SPAN_PROPERTY_NAME,
            utils.VERSION_PROPERTY_NAME,
            utils.FINGERPRINT_PROPERTY_NAME,
        )
        if resolved.get(name) is not None
    }
    examples = message["outputs"]["artifacts"][EXAMPLES]["artifacts"][0]
    return {
        "parameterValues": {**properties, "input_config": resolved["input_config"]},
        "artifacts": {EXAMPLES: {"artifacts": [{"uri": examples["uri"], "metadata": properties}]}},
    }
