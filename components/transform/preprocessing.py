"""The preprocessing function: ids and user features to indices of their vocabularies.

Transform analyses it on train only, so no vocabulary holds an id that only eval has. The graph is
part of the exported model.
"""

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft

from components.contracts.examples import MOVIE_ID, USER_FEATURES, USER_ID
from components.transform.vocabularies import vocabularies

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
    names = [USER_ID, MOVIE_ID, *(feature for feature in USER_FEATURES if feature in inputs)]
    files = vocabularies({name: _values(inputs[name]) for name in names})
    indices = {
        name: tft.apply_vocabulary(inputs[name], files[name], num_oov_buckets=1) for name in names
    }
    renamed = {USER_ID: "user_index", MOVIE_ID: "movie_index"}
    return {renamed.get(name, f"{name}_index"): index for name, index in indices.items()}


def _values(feature: tf.Tensor | tf.SparseTensor) -> tf.Tensor:
    """Returns the values of a feature in a batch, string [n]."""
    return feature.values if isinstance(feature, tf.SparseTensor) else tf.reshape(feature, [-1])
