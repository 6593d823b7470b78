"""What an Examples or ExampleStatistics artifact holds: files by split, the split's settings."""

from __future__ import annotations

import os

from tfx import types
from tfx.dsl.io import fileio
from tfx.types import artifact_utils

from components.errors import DataError

_SPLIT_CONFIG = "split_config"


def split_files(artifacts: list[types.Artifact], split: str) -> list[str]:
    """Returns the files of one split of all artifacts, sorted."""
    folders = artifact_utils.get_split_uris(artifacts, split)
    return sorted(
        os.path.join(folder, name)
        for folder in folders
        if fileio.isdir(folder)
        for name in fileio.listdir(folder)
    )


def required_split_files(artifacts: list[types.Artifact], split: str) -> list[str]:
    """Returns the files of one split of all artifacts, sorted.

    Raises:
        DataError: There is none.
    """
    files = split_files(artifacts, split)
    if not files:
        raise DataError(
            f"no file in the split {split}: {artifact_utils.get_split_uris(artifacts, split)}"
        )
    return files


def write_split_config(examples: types.Artifact, config: str) -> None:
    """Stores the settings of the split, as JSON, in the artifact."""
    examples.set_string_custom_property(_SPLIT_CONFIG, config)


def read_split_config(examples: types.Artifact) -> str:
    """Returns what `write_split_config` stored; "" where nothing was."""
    return str(examples.get_string_custom_property(_SPLIT_CONFIG))
