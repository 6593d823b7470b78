"""`--use-best` and `tuner.best_from`: the best hyperparameters of an earlier search."""

from __future__ import annotations

from pathlib import Path

from components.errors import ConfigError, shown
from components.trainer.hyperparameters import with_hyperparameters
from pipeline.config.settings import PipelineConfig
from pipeline.config.text_file import read_text
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


def check_best(config: PipelineConfig) -> None:
    """Checks what `tuner.best_from` names; of a folder that is not local, only the Trainer can.

    Raises:
        ConfigError: It is no folder with the one file of a Tuner's HyperParameters.
    """
    folder = config.tuner.best_from
    if not folder or "://" in folder:
        return
    what = f"tuner.best_from: {shown(folder, quote=False)}"
    try:
        files = list(Path(folder).iterdir())
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or "no path"
        raise ConfigError(f"{what}: cannot be listed: {problem}") from error
    if len(files) != 1:
        raise ConfigError(
            f"{what} holds {len(files)} files; accepted: a Tuner's best_hyperparameters folder, "
            "with one file"
        )
    try:
        with_hyperparameters(config.trainer, read_text(files[0], "tuner.best_from"))
    except ConfigError as error:
        raise ConfigError(f"{what}: {error}") from error


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
