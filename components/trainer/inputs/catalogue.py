"""The movie catalogue: every movie that may be recommended, rated or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.contracts.example_readers import parsed_batches
from components.contracts.examples import GENRES, MOVIE_ID, TITLE, YEAR
from components.errors import DataError
from components.trainer.inputs.feature_values import FeatureValues, index_values
from components.trainer.inputs.vocabulary import positions_in

_TEXTS = {
    MOVIE_ID: tf.io.FixedLenFeature([], tf.string),
    TITLE: tf.io.FixedLenFeature([], tf.string, default_value=""),
}
_LISTS = {GENRES: tf.io.RaggedFeature(tf.string), YEAR: tf.io.RaggedFeature(tf.int64)}


@dataclass(frozen=True)
class Catalogue:
    """Movies in the order of the catalogue file.

    Attributes:
        movie_ids: bytes objects [movies], unique.
        titles: UTF-8 bytes objects [movies]; several movies may share one.
        values: For `genres` and `year` each movie's values, tuples of bytes objects [movies].
    """

    movie_ids: np.ndarray
    titles: np.ndarray
    values: Mapping[str, Sequence[tuple[bytes, ...]]]

    def __len__(self) -> int:
        return len(self.movie_ids)

    def indices_in(self, vocabulary: np.ndarray) -> np.ndarray:
        """Returns each movie's index in `vocabulary` (bytes [n]), or n: int32 [movies]."""
        indices = positions_in(vocabulary, self.movie_ids)
        return np.where(indices < 0, len(vocabulary), indices).astype(np.int32)

    def feature(self, name: str) -> FeatureValues:
        """Returns `genres` or `year`, a row for each movie."""
        return index_values(name, self.values[name])


def read_catalogue(files: Sequence[str]) -> Catalogue:
    """Reads movie Examples from gzip TFRecords.

    Raises:
        DataError: There is no movie.
    """
    blocks = list(parsed_batches(files, {**_TEXTS, **_LISTS}))
    if not blocks:
        raise DataError(f"no movie in the catalogue: {list(files)}")
    columns = {name: np.concatenate([block[name].numpy() for block in blocks]) for name in _TEXTS}
    values = {
        name: [tuple(row) for block in blocks for row in _texts(block[name]).to_list()]
        for name in _LISTS
    }
    _, first = np.unique(columns[MOVIE_ID].astype(bytes), return_index=True)
    first.sort()  # a movie listed twice is one candidate; the order of the file stays
    return Catalogue(
        columns[MOVIE_ID][first],
        columns[TITLE][first],
        {name: [rows[row] for row in first] for name, rows in values.items()},
    )


def _texts(values: tf.RaggedTensor) -> tf.RaggedTensor:
    return values if values.dtype == tf.string else tf.strings.as_string(values)
