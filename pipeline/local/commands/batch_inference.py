"""Recommendations for many users, through Beam to Parquet. TensorFlow and Beam only, no TFX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import tensorflow as tf
from apache_beam.io.parquetio import WriteToParquetBatched
from apache_beam.options.pipeline_options import PipelineOptions

from components.contracts.saved_model import SERVING_DEFAULT

SCHEMA = pa.schema(
    [
        ("user", pa.string()),
        ("rank", pa.int32()),
        ("movie", pa.string()),
        ("title", pa.string()),
        ("score", pa.float32()),
    ]
)
# Users of one query: 256 rows of scores of a catalogue of 60,000 movies are 60 MB.
_BATCH = 256


class Recommend(beam.DoFn):
    """Lists of user ids → tables of SCHEMA, best movie first (rank 1)."""

    def __init__(self, model: str, k: int) -> None:
        """Sets the folder of the SavedModel, which each worker loads, and movies for each user."""
        self._model, self._k = model, k
        self._loaded: Any = None

    def setup(self) -> None:
        """Loads the model."""
        self._loaded = tf.saved_model.load(self._model)

    def process(self, users: Sequence[str]) -> Iterator[pa.Table]:
        """Yields one table for a batch of users."""
        answer = self._loaded.signatures[SERVING_DEFAULT](user_id=tf.constant(users))
        yield to_table(users, {name: value.numpy() for name, value in answer.items()}, self._k)


def to_table(users: Sequence[str], answer: dict[str, np.ndarray], k: int) -> pa.Table:
    """Returns a table of SCHEMA, without the empty ends of lists.

    Args:
        users: Raw ids [batch].
        answer: `movie_id` and `title` bytes [batch, m], `score` float32 [batch, m], best first.
        k: How many of the m are taken.
    """
    movies = answer["movie_id"][:, :k]
    width = movies.shape[1]
    filled = movies.ravel() != b""

    def column(values: np.ndarray, kind: pa.DataType) -> pa.Array:
        return pa.array(values.ravel()[filled], pa.binary()).cast(kind)

    return pa.table(
        [
            pa.array(np.repeat(np.array(users, object), width)[filled], pa.string()),
            pa.array(np.tile(np.arange(1, width + 1, dtype=np.int32), len(users))[filled]),
            column(movies, pa.string()),
            column(answer["title"][:, :k], pa.string()),
            pa.array(answer["score"][:, :k].ravel()[filled], pa.float32()),
        ],
        schema=SCHEMA,
    )


def write_recommendations(
    model: Path, users: Sequence[str], k: int, folder: Path, shards: int, beam_args: Sequence[str]
) -> None:
    """Writes Parquet files with k movies for each user into a folder, which exists.

    `users` are raw ids; `shards` is the number of files, 0 lets Beam decide.
    """
    batches = [users[start : start + _BATCH] for start in range(0, len(users), _BATCH)]
    with beam.Pipeline(options=PipelineOptions(list(beam_args))) as pipeline:
        (
            pipeline
            | "Users" >> beam.Create(batches)
            | "Spread" >> beam.Reshuffle()
            | "Recommend" >> beam.ParDo(Recommend(str(model), k))
            | "Write"
            >> WriteToParquetBatched(
                str(folder / "part"),
                schema=SCHEMA,
                codec="snappy",
                file_name_suffix=".parquet",
                num_shards=shards,
            )
        )
