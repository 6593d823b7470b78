"""`--use-best`: the best hyperparameters of an earlier search."""

from __future__ import annotations

from pathlib import Path

from components.errors import ConfigError
from pipeline.config.settings import PipelineConfig
from pipeline.local.workspace.workspace import Workspace


def use_best(config: PipelineConfig, workspace: Workspace) -> PipelineConfig:
    """Returns the settings with `tuner.best_from` naming the result of the newest search.

    Raises:
        ConfigError: There was no search, or its result was cleaned away.
    """
    folder = _newest_search(workspace)
    if not folder:
        raise ConfigError(f"--use-best: no search has been run in {workspace.root}; --tune N does")
    tuner = config.tuner.model_copy(update={"trials": 0, "best_from": folder})
    return config.model_copy(update={"tuner": tuner})


def _newest_search(workspace: Workspace) -> str:
    """Returns the folder of the newest HyperParameters that is not empty; "" for none."""
    if not workspace.metadata.exists():
        return ""
    from pipeline.local.workspace.metadata import DELETED, Store

    for _, artifact in sorted(Store(workspace.metadata).artifacts().items(), reverse=True):
        present = artifact.state != DELETED and any(Path(artifact.uri).glob("*"))
        if artifact.type == "HyperParameters" and present:
            return artifact.uri
    return ""
