"""Tuning as a person sees it: the table of trials, and taking an earlier search's best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from components.errors import ConfigError
from components.tuner.trials import ranked, short
from pipeline.config.settings import PipelineConfig
from pipeline.local.workspace.workspace import Workspace

_TYPE = "HyperParameters"


def use_best(config: PipelineConfig, workspace: Workspace) -> PipelineConfig:
    """Returns the settings with `tuner.best_from` naming what the newest search found.

    Raises:
        ConfigError: There was no search, or what it found was cleaned away.
    """
    found = _newest(workspace)
    if not found:
        raise ConfigError(f"--use-best: no search has been run in {workspace.root}; --tune N does")
    tuner = config.tuner.model_copy(update={"trials": 0, "best_from": found})
    return config.model_copy(update={"tuner": tuner})


def _newest(workspace: Workspace) -> str:
    """Returns the folder of the newest HyperParameters that are still there, or ""."""
    if not workspace.metadata.exists():
        return ""
    from pipeline.local.workspace.metadata import DELETED, Store

    artifacts = Store(workspace.metadata).artifacts()
    folders = [
        artifact.uri
        for _, artifact in sorted(artifacts.items())
        if artifact.type == _TYPE
        and artifact.state != DELETED
        and any(Path(artifact.uri).glob("*"))
    ]
    return folders[-1] if folders else ""


def print_trials(console: Console, document: dict[str, Any]) -> None:
    """Prints the trials, best first.

    Args:
        console: Where to print.
        document: Content of trials.json.
    """
    trials = ranked(document)
    names = list(trials[0]["values"])
    table = Table(
        title=f"Trials, by {document['objective']} on a part of train",
        title_justify="left",
        box=None,
    )
    for name in ("", document["objective"].replace("_accuracy", ""), *names, "s"):
        table.add_column(name.replace("_", " "), justify="right")
    for trial in trials:
        style = "bold green" if trial["number"] == document["best"] else ""
        score = "failed" if trial["score"] is None else f"{trial['score']:.4f}"
        values = [short(trial["values"][name]) for name in names]
        cells = [str(trial["number"]), score, *values, f"{trial['seconds']:.0f}"]
        table.add_row(*(Text(cell, style) for cell in cells))
    console.print(table)
    console.print("Trial 1 has the settings as configured.", style="dim")
