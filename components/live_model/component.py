"""The LiveModel component: the model that is live now, as the baseline of the Evaluator."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from tensorflow.core.protobuf import saved_model_pb2
from tfx.types import standard_artifacts
from tfx.utils import io_utils, path_utils

from components import component
from components.component import Artifacts
from components.contracts.saved_model import SERVING_EXAMPLES
from components.errors import ConfigError
from components.live_model import artifact
from components.served_versions.versions import find_live, is_complete, is_version

AUTO = "auto"
ABSENT_FILE = "ABSENT"


class Executor(component.Executor):
    """Copies the live version into a Model artifact, or marks the artifact absent."""

    def run(self, inputs: Artifacts, outputs: Artifacts, properties: dict[str, Any]) -> None:
        """Copies the version to the artifact's serving folder and marks the artifact."""
        model = outputs.one("model")
        live = resolve(Path(properties["destination"]), properties["version"])
        if live is None:
            # Object stores keep no empty folder.
            io_utils.write_string_file(os.path.join(model.uri, ABSENT_FILE), "nothing is live\n")
            artifact.mark_absent(model)
            return
        version, path = live
        require_signature(path)
        shutil.copytree(path, path_utils.serving_model_dir(model.uri), dirs_exist_ok=True)
        artifact.mark_present(model, version)


class LiveModel(component.Component):
    """Gives the model that is live as an artifact, marked absent where nothing is live.

    The version is a parameter, not looked up in the step, so that the cached output is used exactly
    as long as the same version is live.

    Parameters:
        destination: `serving_model/<name>`, the Pusher's destination.
        version: Name of the live version as `find_live` gives it, "" for none; "auto" looks it up
            in the step, where the folder cannot be read before the run.
    """

    EXECUTOR = Executor
    OUTPUTS = {"model": standard_artifacts.Model}
    PARAMETERS = ("destination", "version")


def resolve(folder: Path, version: str) -> tuple[str, Path] | None:
    """Returns name and path of the version that is compared with.

    Args:
        folder: `serving_model/<name>`.
        version: name of a version in it; "" for none; AUTO for the newest complete one.

    Returns:
        The version and its path; None if nothing is live.

    Raises:
        ConfigError: If the version is not there or not complete.
    """
    if version == "":
        return None
    if version == AUTO:
        return find_live(folder)
    path = folder / version
    if not is_version(version) or not is_complete(path):
        live = find_live(folder)
        accepted = f"the newest complete version is {live[0]}" if live else "there is none"
        raise ConfigError(f"live model: {path} is not a complete version of a model; {accepted}")
    return version, path


def require_signature(path: Path) -> None:
    """Checks that the Evaluator can query the model.

    Args:
        path: folder of the SavedModel.

    Raises:
        ConfigError: If the model lacks the signature, as one that is not ours does.
    """
    saved = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    names = {name for graph in saved.meta_graphs for name in graph.signature_def}
    if SERVING_EXAMPLES not in names:
        raise ConfigError(
            f"live model: {path} has no signature {SERVING_EXAMPLES}, so it was not pushed by this "
            f"pipeline and nothing can be compared with it; move it away or choose another "
            f"pipeline name (its signatures: {', '.join(sorted(names)) or 'none'})"
        )
