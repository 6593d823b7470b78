"""One version of the model, loaded: its signatures as functions of numpy arrays, its movies."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from components.contracts.saved_model import SERVING_DEFAULT, WARM_UP_ROWS
from components.model_session import Arrays, ModelSession
from serving.model.catalogue import MovieCatalogue, read_catalogue
from serving.model.histories import Histories, read_histories
from serving.model.variables import Variables


class ServedModel(ModelSession):
    """A loaded version.

    Attributes:
        version: Name of its folder, a number.
        path: Its folder.
        since: When it was loaded, UTC.
        catalogue: The movies that it recommends.
        histories: What its users have seen.
    """

    def __init__(self, version: str, path: Path) -> None:
        """Loads the SavedModel and warms it up; whatever TensorFlow raises is raised."""
        super().__init__(path)
        self.version = version
        self.path = path
        if SERVING_DEFAULT not in self.signatures:
            raise ValueError(f"{path} has no signature {SERVING_DEFAULT}")
        variables = Variables(path)
        self.catalogue: MovieCatalogue = read_catalogue(variables, path)
        self.histories: Histories = read_histories(variables, path)
        self._warm_up()
        self.since = datetime.datetime.now(datetime.timezone.utc)

    def _warm_up(self) -> None:
        """Calls every signature: the first call of a function takes most of a second.

        Values that no vocabulary has do for all of them. Strings that are no Examples are refused
        by `serving_examples`; that warms it up as far as it goes.
        """
        for name, signature in self.signatures.items():
            for rows in WARM_UP_ROWS:
                try:
                    self.call(name, _blank(signature.inputs, rows))
                except tf.errors.InvalidArgumentError:
                    break


def _blank(inputs: Mapping[str, tf.TensorSpec], rows: int) -> Arrays:
    """Returns empty strings and zeros, with 1 for every unknown dimension but the first."""
    blank = {}
    for name, spec in inputs.items():
        shape = [rows, *(size or 1 for size in spec.shape[1:])] if spec.shape.rank else [rows]
        fill = b"" if spec.dtype == tf.string else 0
        blank[name] = np.full(shape, fill, dtype=spec.dtype.as_numpy_dtype)
    return blank
