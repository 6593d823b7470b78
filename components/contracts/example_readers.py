"""Reads Examples from gzip TFRecords. TensorFlow only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import tensorflow as tf

from components.contracts.examples import MOVIE_ID, TITLE

BATCH = 1024


def records(files: Sequence[str]) -> tf.data.Dataset:
    """Returns the serialised Examples of the files, string scalars."""
    return tf.data.TFRecordDataset(list(files), compression_type="GZIP")


def parsed_batches(
    files: Sequence[str], features: dict[str, object]
) -> Iterator[dict[str, tf.Tensor | tf.RaggedTensor]]:
    """Yields parsed batches of Examples, the last may be smaller.

    Args:
        files: Gzip TFRecords.
        features: What to parse, as `tf.io.parse_example` takes it.
    """
    for batch in records(files).batch(BATCH):
        yield tf.io.parse_example(batch, features)


def examples(files: Sequence[str]) -> Iterator[tf.train.Example]:
    """Yields the Examples as protocol buffers, one by one."""
    for record in records(files).as_numpy_iterator():
        yield tf.train.Example.FromString(record)


def read_titles(movie_files: Sequence[str], errors: str = "surrogateescape") -> dict[str, str]:
    """Returns movie id → title ("" where a movie has none).

    Of a movie that is listed twice the first title counts, as in the Trainer's catalogue.

    Args:
        movie_files: Gzip TFRecords of movie Examples.
        errors: As `to_text` takes it.
    """
    spec = {
        MOVIE_ID: tf.io.FixedLenFeature([], tf.string),
        TITLE: tf.io.FixedLenFeature([], tf.string, default_value=""),
    }
    titles: dict[str, str] = {}
    for batch in parsed_batches(movie_files, spec):
        pairs = zip(batch[MOVIE_ID].numpy(), batch[TITLE].numpy(), strict=True)
        for movie, title in pairs:
            titles.setdefault(to_text(movie, errors), to_text(title, errors))
    return titles


def texts(example: tf.train.Example, name: str, errors: str = "surrogateescape") -> list[str]:
    """Returns the values of a bytes feature as text; none where the Example lacks it."""
    return [to_text(value, errors) for value in example.features.feature[name].bytes_list.value]


def to_text(value: bytes, errors: str = "surrogateescape") -> str:
    """Returns UTF-8 bytes as text.

    Args:
        value: Bytes of a feature.
        errors: What bytes that are not UTF-8 become: `surrogateescape` keeps them, so that the
            text encodes back to the same bytes; `replace` makes them U+FFFD, for display.
    """
    return value.decode("utf-8", errors)
