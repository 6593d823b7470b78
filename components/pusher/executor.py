"""TFX's Pusher; a new version becomes visible in one step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfx.components.pusher import executor
from tfx.proto import pusher_pb2
from tfx.types import standard_component_specs
from tfx.utils import io_utils, proto_utils

from components.component import ArtifactDict, Artifacts
from components.served_versions.publish import publish


class Executor(executor.Executor):
    """The stock executor with its own way of writing to a local folder.

    The stock one copies file by file into the version's folder, names the version by the clock
    alone, and takes a folder that a killed push left for a finished one. What may be pushed is
    decided by the stock code.
    """

    def Do(
        self, input_dict: ArtifactDict, output_dict: ArtifactDict, exec_properties: dict[str, Any]
    ) -> None:
        """Pushes the model if it is blessed, and marks the PushedModel artifact either way."""
        folder = _base_directory(exec_properties)
        if not folder or "://" in folder:
            # Object stores rename nothing in one step; there the stock order of files must do.
            super().Do(input_dict, output_dict, exec_properties)
            return
        self._log_startup(input_dict, output_dict, exec_properties)
        pushed = Artifacts(output_dict).one(standard_component_specs.PUSHED_MODEL_KEY)
        if not self.CheckBlessing(input_dict):
            self._MarkNotPushed(pushed)
            return
        model = self.GetModelPath(input_dict)
        version, path = publish(Path(model), Path(folder))
        io_utils.copy_dir(model, pushed.uri)
        self._MarkPushed(pushed, pushed_destination=str(path), pushed_version=version)


def _base_directory(exec_properties: dict[str, Any]) -> str:
    """Returns the folder of the push destination; "" if it is not a file system."""
    destination = pusher_pb2.PushDestination()
    proto_utils.json_to_proto(
        exec_properties[standard_component_specs.PUSH_DESTINATION_KEY], destination
    )
    return destination.filesystem.base_directory
