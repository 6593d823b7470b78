"""The variables of a SavedModel, read from its checkpoint without loading the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

_FILES = Path("variables", "variables")
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


class Variables:
    """Variables by the attributes that lead to them from the saved object, as `popular/_rows`."""

    def __init__(self, path: Path) -> None:
        """Opens the checkpoint of the SavedModel in a folder; it may have none."""
        prefix = path / _FILES
        there = prefix.with_suffix(".index").is_file()
        self._reader = tf.train.load_checkpoint(str(prefix)) if there else None

    def __contains__(self, name: str) -> bool:
        return self._reader is not None and self._reader.has_tensor(name + _VALUE)

    def read(self, name: str) -> np.ndarray:
        """Returns the value of a variable; strings are bytes objects.

        Raises:
            KeyError: There is no such variable.
        """
        if self._reader is None or name not in self:
            raise KeyError(name)
        return self._reader.get_tensor(name + _VALUE)
