"""The movie catalogue: every movie that may be recommended, rated or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.errors import DataError
from components.trainer.inputs.feature_values import FeatureValues, index_values
from components.trainer.inputs.vocabulary import places_in

_SPEC = {
    "movie_id": tf.io.FixedLenFeature([1], tf.string),
    "title": tf.io.FixedLenFeature([1], tf.string, default_value=[""]),
}
_LISTS = {"genres": tf.io.RaggedFeature(tf.string), "year": tf.io.RaggedFeature(tf.int64)}


@dataclass(frozen=True)
class Catalogue:
    """Movies in the order of the catalogue file.

    Attributes:
        movie_ids: bytes objects [movies], unique.
        titles: UTF-8 bytes objects [movies]; several movies may share one.
        values: Of each movie's `genres` and `year` the values, bytes objects; [movies] tuples.
    """

    movie_ids: np.ndarray
    titles: np.ndarray
    values: Mapping[str, Sequence[tuple[bytes, ...]]]

    def __len__(self) -> int:
        return len(self.movie_ids)

    def indices_in(self, vocabulary: np.ndarray) -> np.ndarray:
        """Returns each movie's index in `vocabulary` (bytes [n]), or n: int32 [movies]."""
        places = places_in(vocabulary, self.movie_ids)
        return np.where(places < 0, len(vocabulary), places).astype(np.int32)

    def feature(self, name: str) -> FeatureValues:
        """Returns `genres` or `year`, a row for each movie."""
        return index_values(name, self.values[name])


def read_catalogue(files: Sequence[str]) -> Catalogue:
    """Reads movie Examples from gzip TFRecords.

    Raises:
        DataError: There is no movie.
    """
    dataset = tf.data.TFRecordDataset(list(files), compression_type="GZIP").batch(4096)
    blocks = [tf.io.parse_example(block, {**_SPEC, **_LISTS}) for block in dataset]
    if not blocks:
        raise DataError(f"no movie in the catalogue: {list(files)}")
    columns = {
        name: np.concatenate([block[name].numpy()[:, 0] for block in blocks]) for name in _SPEC
    }
    values = {
        name: [tuple(row) for block in blocks for row in _texts(block[name]).to_list()]
        for name in _LISTS
    }
    _, first = np.unique(columns["movie_id"].astype(bytes), return_index=True)
    first.sort()  # a movie listed twice is one candidate; the order of the file stays
    return Catalogue(
        columns["movie_id"][first],
        columns["title"][first],
        {name: [rows[place] for place in first] for name, rows in values.items()},
    )


def _texts(values: tf.RaggedTensor) -> tf.RaggedTensor:
    return values if values.dtype == tf.string else tf.strings.as_string(values)
