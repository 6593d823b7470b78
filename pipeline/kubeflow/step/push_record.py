"""In the Pusher's container: the history beside the versions gets the entry of each push.

It is the history of local runs, kept by the same functions: what is about to become visible is
noted before, and without a note nothing is pushed.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.errors import ConfigError
from components.served_versions.publish import announced_to
from pipeline.kubeflow.history_root import RECORDED
from pipeline.kubeflow.step import executor_input
from pipeline.local.workspace import history
from pipeline.local.workspace.intents import Intent, settle
from pipeline.local.workspace.workspace import ServedFolder

_DESTINATION = "push_destination"


@dataclass(frozen=True)
class Figures:
    """Folders of the Examples, with ExampleGen's summary, and of the Evaluator's figures."""

    examples: str
    metrics: str


def take_figures(message: executor_input.Message) -> Figures | None:
    """Takes the inputs that TFX's Pusher does not know out of ExecutorInput; None without them."""
    inputs = message.get("inputs", {}).get("artifacts", {})
    groups = [inputs.pop(name, {}).get("artifacts") for name in RECORDED]
    if not all(groups):
        return None
    return Figures(*(executor_input.to_local(group[0]["uri"]) for group in groups))


@contextlib.contextmanager
def recorded(root: str, values: dict[str, Any], figures: Figures | None) -> Iterator[None]:
    """Within the block, a version that is pushed gets its entry in the history.

    The history is in `root`, the Pusher's parameters are `values`; without a root or figures
    nothing is recorded.

    Raises:
        ConfigError: The note or the history cannot be written.
    """
    if not root or figures is None:
        yield
        return
    destination = Path(json.loads(values[_DESTINATION])["filesystem"]["base_directory"])
    folder = ServedFolder(Path(root), destination.name, destination)
    intent = Intent(folder)
    note = intent.noting(lambda: _entry(folder, figures))
    try:
        folder.history.parent.mkdir(parents=True, exist_ok=True)
        settle(folder)
        with intent.pending(), announced_to(note):
            yield
        if intent.entry:
            history.append_entry(folder.history, intent.entry)
            intent.remove()
    except OSError as error:
        intent.release()
        raise ConfigError(f"history: {error.strerror or error}") from error


def _entry(folder: ServedFolder, figures: Figures) -> history.Entry:
    from components.evaluator import result
    from components.example_gen.sources import spans

    summary = (Path(figures.examples) / "summary.json").read_text(encoding="utf-8")
    data = json.loads(summary)
    warnings = data.pop("warnings", [])
    data["span"] = spans.describe(data.get("spans", []))
    evaluation = result.read(figures.metrics)
    metrics = {"model": evaluation.metrics, "live": evaluation.live}
    return {
        "status": "pushed",
        "exit_code": 0,
        "reason": "",
        "pipeline": folder.name,
        "data": data,
        "warnings": warnings,
        "metrics": {role: values for role, values in metrics.items() if values},
        "gate": [decision.as_dict() for decision in evaluation.decisions],
    }
