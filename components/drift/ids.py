"""The ids in Examples."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from components.contracts.example_readers import parsed_batches
from components.contracts.examples import MOVIE_ID, USER_ID


def ids_in(files: Sequence[str]) -> dict[str, set[bytes]]:
    """Returns the distinct user and movie ids of user Examples, under USER_ID and MOVIE_ID.

    Args:
        files: Gzip TFRecords.
    """
    ids: dict[str, set[bytes]] = {USER_ID: set(), MOVIE_ID: set()}
    spec = {name: tf.io.RaggedFeature(tf.string) for name in ids}
    for batch in parsed_batches(files, spec):
        for name, values in ids.items():
            values.update(tf.unique(batch[name].flat_values).y.numpy().tolist())
    return ids
