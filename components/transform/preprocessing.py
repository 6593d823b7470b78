"""The preprocessing function: ids and user features to indices of their vocabularies.

Transform analyses it on train only, so no vocabulary holds an id that only eval has. The graph is
part of the exported model.
"""

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft

USER_FEATURES = ("gender", "age", "occupation")

Tensors = dict[str, tf.Tensor | tf.SparseTensor]


def preprocessing_fn(inputs: Tensors) -> Tensors:
    """Maps raw user Examples to vocabulary indices.

    Every vocabulary has one out-of-vocabulary index, its last: unseen values never fail.

    Args:
        inputs: `user_id` string [batch, 1]; `movie_id` and `seen_movie_id` sparse string
            [batch, n]; user features sparse string [batch, 1].

    Returns:
        `user_index` int64 [batch, 1], `movie_index` and `seen_movie_index` sparse int64 [batch, n],
        and `<feature>_index` sparse int64 [batch, 1] for each user feature that the schema has.
    """
    movies = tft.vocabulary(inputs["movie_id"], vocab_filename="movie_id")
    outputs: Tensors = {
        "user_index": _index(inputs["user_id"], "user_id"),
        "movie_index": tft.apply_vocabulary(inputs["movie_id"], movies, num_oov_buckets=1),
    }
    if "seen_movie_id" in inputs:
        outputs["seen_movie_index"] = tft.apply_vocabulary(
            inputs["seen_movie_id"], movies, num_oov_buckets=1
        )
    for feature in USER_FEATURES:
        if feature in inputs:
            outputs[f"{feature}_index"] = _index(inputs[feature], feature)
    return outputs


def _index(values: tf.Tensor | tf.SparseTensor, name: str) -> tf.Tensor | tf.SparseTensor:
    """Returns indices in the vocabulary `name` of `values`, most frequent first."""
    return tft.compute_and_apply_vocabulary(values, vocab_filename=name, num_oov_buckets=1)
