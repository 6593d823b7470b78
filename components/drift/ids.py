"""The ids in Examples."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

_BLOCK = 1024
_KINDS = ("user_id", "movie_id")


def ids_in(files: Sequence[str]) -> dict[str, set[bytes]]:
    """Returns the user and movie ids in user Examples.

    Args:
        files: Gzip TFRecords.

    Returns:
        `user_id` and `movie_id`, each once.
    """
    spec = {kind: tf.io.RaggedFeature(tf.string) for kind in _KINDS}
    found: dict[str, set[bytes]] = {kind: set() for kind in _KINDS}
    for block in tf.data.TFRecordDataset(list(files), compression_type="GZIP").batch(_BLOCK):
        features = tf.io.parse_example(block, spec)
        for kind in _KINDS:
            found[kind].update(tf.unique(features[kind].flat_values).y.numpy().tolist())
    return found
