"""The files of an Examples or ExampleStatistics artifact's split."""

from __future__ import annotations

import os

from tfx import types
from tfx.dsl.io import fileio
from tfx.types import artifact_utils


def split_files(artifacts: list[types.Artifact], split: str) -> list[str]:
    """Returns the files of one split of all artifacts, sorted."""
    folders = artifact_utils.get_split_uris(artifacts, split)
    return sorted(file for folder in folders for file in fileio.glob(os.path.join(folder, "*")))
