"""The preprocessing function: ids and user features to indices of their vocabularies.

Transform analyses it on train only, so no vocabulary holds an id that only eval has. The graph is
part of the exported model.
"""

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft

from components.contracts.examples import MOVIE_ID, USER_FEATURES, USER_ID

Tensors = dict[str, tf.Tensor | tf.SparseTensor]


def preprocessing_fn(inputs: Tensors) -> Tensors:
    """Maps raw user Examples to vocabulary indices.

    Vocabularies are in order of frequency; each has one out-of-vocabulary index, its last, so that
    unseen values never fail.

    Args:
        inputs: `user_id` string [batch, 1]; `movie_id` sparse string [batch, n]; user features
            sparse string [batch, 1].

    Returns:
        `user_index` int64 [batch, 1], `movie_index` sparse int64 [batch, n], and `<feature>_index`
        sparse int64 [batch, 1] for each user feature that the schema has.
    """
    outputs = {
        "user_index": _index(inputs, USER_ID),
        "movie_index": _index(inputs, MOVIE_ID),
    }
    present = [feature for feature in USER_FEATURES if feature in inputs]
    return outputs | {f"{feature}_index": _index(inputs, feature) for feature in present}


def _index(inputs: Tensors, name: str) -> tf.Tensor | tf.SparseTensor:
    """Returns the values of a feature as indices of the vocabulary of the same name."""
    return tft.compute_and_apply_vocabulary(inputs[name], vocab_filename=name, num_oov_buckets=1)
