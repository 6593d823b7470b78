"""ExampleGen's driver: resolves spans and versions, and fingerprints the files that are read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from tfx.components.example_gen import driver, input_processor, utils
from tfx.proto import example_gen_pb2, range_config_pb2
from tfx.types import standard_component_specs
from tfx.utils import proto_utils

from components.errors import DataError
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


class RatingsInputProcessor(input_processor.FileBasedInputProcessor):
    """Resolves span and version; its errors are DataErrors."""

    data = DataConfig()

    def resolve_span_and_version(self) -> tuple[int, int | None]:
        """Returns the span (0 without {SPAN}) and the version (None without {VERSION}).

        Raises:
            DataError: If no folder has such a span.
        """
        try:
            span, version = super().resolve_span_and_version()
        except ValueError as error:
            raise DataError(f"data root {self._input_base_uri}: {error}") from error
        return span, version

    def get_input_fingerprint(self, span: int, version: int | None) -> str:
        """Returns the fingerprint of the files of a span."""
        patterns = [
            self.get_pattern_for_span_version(split.pattern, span, version)
            for split in self._splits
        ]
        return fingerprint(self._input_base_uri, patterns, self.data)


# The patterns of component.all_files(), the default input configuration.
_ALL_FILES = ["*"]


def input_config(exec_properties: Mapping[str, Any]) -> example_gen_pb2.Input:
    """Returns the input configuration: names and glob patterns of the parts of the data."""
    config = example_gen_pb2.Input()
    proto_utils.json_to_proto(exec_properties[standard_component_specs.INPUT_CONFIG_KEY], config)
    return config


class RatingsDriver(driver.FileBasedDriver):
    """TFX's driver for file-based ExampleGens with the processor above, and with several spans.

    An input configuration with {SPAN} is resolved to one span, as TFX does. For the default one
    data.span_pattern and data.window select spans: each becomes a split of the configuration that
    the executor gets.
    """

    _data = DataConfig()

    def resolve_exec_properties(
        self, exec_properties: dict[str, Any], pipeline_info: Any, component_info: Any
    ) -> dict[str, Any]:
        """Returns the properties with the patterns of the files, span, version and fingerprint.

        Raises:
            DataError: If there is no such data.
        """
        root = exec_properties[standard_component_specs.INPUT_BASE_KEY]
        data = self._data = DataConfig.model_validate_json(exec_properties["data_config"])
        selected = []
        if [split.pattern for split in input_config(exec_properties).splits] == _ALL_FILES:
            selected = spans.select(root, data)
        if not selected:
            return super().resolve_exec_properties(exec_properties, pipeline_info, component_info)
        config = example_gen_pb2.Input(
            splits=[
                example_gen_pb2.Input.Split(name=span.to_name(), pattern=span.pattern)
                for span in selected
            ]
        )
        exec_properties[standard_component_specs.INPUT_CONFIG_KEY] = proto_utils.proto_to_json(
            config
        )
        exec_properties[utils.SPAN_PROPERTY_NAME] = selected[-1].number
        exec_properties[utils.VERSION_PROPERTY_NAME] = selected[-1].version
        exec_properties[utils.FINGERPRINT_PROPERTY_NAME] = fingerprint(
            root, [span.pattern for span in selected], data
        )
        return exec_properties

    def get_input_processor(
        self,
        splits: Iterable[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None = None,
        input_base_uri: str | None = None,
    ) -> RatingsInputProcessor:
        """Returns the processor for one run."""
        assert input_base_uri
        processor = RatingsInputProcessor(input_base_uri, splits, range_config)
        processor.data = self._data
        return processor
