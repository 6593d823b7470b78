"""The history of the served versions on a volume: where it stands, and what goes into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from pipeline import nodes

# What the Pusher is given beside TFX's inputs, for the record: input → producer, its output.
RECORDED = {
    "recorded_examples": (nodes.EXAMPLE_GEN.id, "examples"),
    "recorded_metrics": (nodes.EVALUATOR.id, "metrics"),
}

# The local runner's name of the folder with the served models of all pipelines.
_SERVING = "serving_model"


def history_root(destination: str, on_volume: Callable[[str], bool]) -> str | None:
    """Returns the folder that holds `history/NAME.jsonl`; None where it is on no volume.

    Where the versions are, as containers see it, in `ROOT/serving_model/NAME` it is ROOT, so that
    the volume is laid out as the output root of local runs; else it is the folder that holds NAME.
    """
    folder = PurePosixPath(destination).parent
    candidates = [folder.parent] if folder.name == _SERVING else []
    return next((str(one) for one in (*candidates, folder) if on_volume(str(one))), None)
