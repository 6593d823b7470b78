"""A folder with served versions and their history, without the rest of an output root."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.local.workspace.workspace import Workspace


@dataclass(frozen=True)
class ServedFolder(Workspace):
    """The versions of a model on a volume, and the history beside them.

    Attributes:
        root: Folder that holds `history/NAME.jsonl`.
        name: Name of the model.
        destination: Folder of the versions, wherever it is.
    """

    destination: Path = Path()

    @property
    def serving(self) -> Path:
        """Folder of the pushed versions, in TensorFlow Serving's layout."""
        return self.destination
