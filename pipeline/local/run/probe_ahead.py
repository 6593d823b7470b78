"""Starts the ServingCheck's process while the Evaluator runs: imports and load take seconds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.serving_check import process
from pipeline import nodes

if TYPE_CHECKING:  # the module needs TFX
    from pipeline.local.run.dag import Listener, NodeResult


@contextlib.contextmanager
def probe_ahead(listener: Listener) -> Iterator[Listener]:
    """Gives a listener that starts the process, and passes on to another what it hears."""
    try:
        yield _ProbeAhead(listener)
    finally:
        process.stop_ahead()


class _ProbeAhead:
    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def started(self, node_id: str) -> None:
        self._listener.started(node_id)

    def finished(self, result: NodeResult) -> None:
        self._listener.finished(result)
        # Of a model that was there before, the check is in the cache too.
        if result.id == nodes.TRAINER.id and result.state == "done" and not result.cached:
            from tfx.utils import path_utils

            (model,) = result.outputs["model"]
            process.start_ahead(path_utils.serving_model_path(model.uri))  # as the check gets it
