"""ExampleGen's driver: selects spans, and fingerprints the files that are read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from tfx.components.example_gen import driver, utils
from tfx.proto import example_gen_pb2
from tfx.types import standard_component_specs
from tfx.utils import proto_utils

from components.example_gen.config import DataConfig
from components.example_gen.formats import files
from components.example_gen.sources import data_files, spans


def fingerprint(root: str, patterns: list[str], config: DataConfig) -> str:
    """Returns names, sizes and modification times of the files that are read, one a line.

    TFX's own fingerprint adds up the times, in whole seconds, of every file and folder that
    matches: it misses a file changed twice in a second, and changes with files that are not read.

    Raises:
        DataError: If there is no data.
    """
    return "\n".join(
        f"{os.path.relpath(path, root)},{files.size(path)},{files.modified_ns(path)}"
        for path in data_files.locate(root, patterns, config).paths
    )


def input_config(exec_properties: Mapping[str, Any]) -> example_gen_pb2.Input:
    """Returns the input configuration: names and glob patterns of the parts of the data."""
    config = example_gen_pb2.Input()
    proto_utils.json_to_proto(exec_properties[standard_component_specs.INPUT_CONFIG_KEY], config)
    return config


class RatingsDriver(driver.FileBasedDriver):
    """Selects the spans that are read by data.span_pattern and data.window.

    Each span becomes a split of the input configuration that the executor gets.
    """

    def resolve_exec_properties(
        self, exec_properties: dict[str, Any], pipeline_info: Any, component_info: Any
    ) -> dict[str, Any]:
        """Returns the properties with the patterns of the files, span, version and fingerprint.

        Where the files are in the folder itself, the span is 0 and there is no version.

        Raises:
            DataError: If there is no such data.
        """
        root = exec_properties[standard_component_specs.INPUT_BASE_KEY]
        data = DataConfig.model_validate_json(exec_properties["data_config"])
        selected = spans.select(root, data)
        if selected:
            config = example_gen_pb2.Input(
                splits=[
                    example_gen_pb2.Input.Split(name=span.to_name(), pattern=span.pattern)
                    for span in selected
                ]
            )
            exec_properties[standard_component_specs.INPUT_CONFIG_KEY] = proto_utils.proto_to_json(
                config
            )
        patterns = [split.pattern for split in input_config(exec_properties).splits]
        exec_properties[utils.SPAN_PROPERTY_NAME] = selected[-1].number if selected else 0
        exec_properties[utils.VERSION_PROPERTY_NAME] = selected[-1].version if selected else None
        exec_properties[utils.FINGERPRINT_PROPERTY_NAME] = fingerprint(root, patterns, data)
        return exec_properties
