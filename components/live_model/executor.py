"""Copies the live model to where the Evaluator can compare with it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from tensorflow.core.protobuf import saved_model_pb2
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import io_utils, path_utils

from components.contracts.saved_model import SERVING_EXAMPLES
from components.errors import ConfigError
from components.live_model import artifact
from components.served_versions.versions import find_live, is_complete, is_version

AUTO = "auto"
ABSENT_FILE = "ABSENT"
MODEL_KEY = "model"
DESTINATION_KEY = "destination"
VERSION_KEY = "version"


class Executor(base_executor.BaseExecutor):
    """Makes a Model artifact of the live version, or one that says that nothing is live."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Copies the version to the artifact's serving folder and marks the artifact."""
        model = artifact_utils.get_single_instance(output_dict[MODEL_KEY])
        live = resolve(Path(exec_properties[DESTINATION_KEY]), exec_properties[VERSION_KEY])
        if live is None:
            # Object stores keep no empty folder.
            io_utils.write_string_file(os.path.join(model.uri, ABSENT_FILE), "nothing is live\n")
            artifact.mark_absent(model)
            return
        version, path = live
        require_signature(path)
        shutil.copytree(path, path_utils.serving_model_dir(model.uri), dirs_exist_ok=True)
        artifact.mark_present(model, version)


def resolve(folder: Path, version: str) -> tuple[str, Path] | None:
    """Returns name and path of the version that is compared with.

    Args:
        folder: `serving_model/<name>`.
        version: name of a version in it; "" for none; AUTO for the newest complete one.

    Returns:
        The version and its path; None if nothing is live.

    Raises:
        ConfigError: if the version is not there or not complete.
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
        ConfigError: if the model lacks the signature, as one that is not ours does.
    """
    saved = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    names = {name for graph in saved.meta_graphs for name in graph.signature_def}
    if SERVING_EXAMPLES not in names:
        raise ConfigError(
            f"live model: {path} has no signature {SERVING_EXAMPLES}, so it was not pushed by this "
            f"pipeline and nothing can be compared with it; move it away or choose another "
            f"pipeline name (its signatures: {', '.join(sorted(names)) or 'none'})"
        )
