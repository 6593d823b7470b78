"""The steps of the newest span have nothing to do where a run reads one span: only the run knows.

Their outputs are then marked as absent, as LiveModel marks the model where nothing is live, and
Drift compares all that is read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pipeline import nodes
from pipeline.kubeflow.step import executor_input, run_settings
from pipeline.kubeflow.step.executor_output import Message

# Object stores keep no empty folder.
ABSENT_FILE = "ABSENT"


def is_superfluous(node_id: str, values: Mapping[str, Any], message: Message) -> bool:
    """Returns whether a step is one of the newest span, in a run of one span.

    The run parameters are among its parameters (`values`).

    Raises:
        ConfigError: A run parameter has a value that its setting refuses.
        DataError: There is no such data.
    """
    if node_id == nodes.NEWEST_SPAN.id:
        return not _reads_several_spans(values)
    if node_id == nodes.NEWEST_STATISTICS.id:
        return executor_input.is_absent(
            executor_input.artifact_lists(message, "inputs")["examples"]
        )
    return False


def _reads_several_spans(values: Mapping[str, Any]) -> bool:
    from components.example_gen.sources import spans

    config = run_settings.run_config(values)
    return config.drift.newest_span and len(spans.select(values["input_base"], config.data)) > 1


def absent_outputs(message: Message) -> Message:
    """Leaves a mark in each output; returns ExecutorOutput that says that all are absent."""
    marked = {}
    for name, group in executor_input.artifact_lists(message, "outputs").items():
        for artifact in group:
            with open(os.path.join(artifact["uri"], ABSENT_FILE), "w", encoding="utf-8") as file:
                file.write("the run reads one span only\n")
        metadata = {executor_input.ABSENT: 1}
        marked[name] = {"artifacts": [{"uri": one["uri"], "metadata": metadata} for one in group]}
    return {"artifacts": marked}
