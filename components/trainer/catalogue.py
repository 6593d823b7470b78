"""The movie catalogue: every movie that may be recommended, rated or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.errors import DataError

_SPEC = {
    "movie_id": tf.io.FixedLenFeature([1], tf.string),
    "title": tf.io.FixedLenFeature([1], tf.string, default_value=[""]),
}
_GENRES = "genres"


@dataclass(frozen=True)
class Catalogue:
    """Movies in the order of the catalogue file.

    Attributes:
        movie_ids: bytes objects [movies], unique.
        titles: UTF-8 bytes objects [movies]; several movies may share one.
        genres: Genres of each movie, bytes objects; [movies] tuples.
    """

    movie_ids: np.ndarray
    titles: np.ndarray
    genres: Sequence[tuple[bytes, ...]]

    def __len__(self) -> int:
        return len(self.movie_ids)

    def indices_in(self, vocabulary: np.ndarray) -> np.ndarray:
        """Returns each movie's index in `vocabulary` (bytes [n]), or n: int32 [movies]."""
        index = {movie: i for i, movie in enumerate(vocabulary)}
        oov = len(vocabulary)
        return np.array([index.get(movie, oov) for movie in self.movie_ids], dtype=np.int32)


def read_catalogue(files: Sequence[str]) -> Catalogue:
    """Reads movie Examples from gzip TFRecords.

    Raises:
        DataError: There is no movie.
    """
    dataset = tf.data.TFRecordDataset(list(files), compression_type="GZIP").batch(4096)
    spec = {**_SPEC, _GENRES: tf.io.RaggedFeature(tf.string)}
    blocks = [tf.io.parse_example(block, spec) for block in dataset]
    if not blocks:
        raise DataError(f"no movie in the catalogue: {list(files)}")
    columns = {
        name: np.concatenate([block[name].numpy()[:, 0] for block in blocks]) for name in _SPEC
    }
    genres = [tuple(names) for block in blocks for names in block[_GENRES].to_list()]
    _, first = np.unique(columns["movie_id"].astype(bytes), return_index=True)
    first.sort()  # a movie listed twice is one candidate; the order of the file stays
    return Catalogue(
        columns["movie_id"][first], columns["title"][first], [genres[place] for place in first]
    )
