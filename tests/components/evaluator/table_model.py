"""A SavedModel that answers `serving_examples` from a table that a test makes up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import tensorflow as tf


class TableModel(tf.Module):
    """Gives each user the lists that a table holds; unknown users get the popular movies."""

    def __init__(
        self,
        top: Mapping[bytes, Sequence[bytes]],
        unseen_top: Mapping[bytes, Sequence[bytes]],
        popular: Sequence[bytes],
        catalogue_size: int,
        recalls: Sequence[float] = (),
    ) -> None:
        """Takes each user's lists, all of the same length as `popular`, and index recalls."""
        super().__init__()
        users = list(top)
        self.rows = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant(users), tf.range(len(users), dtype=tf.int64)
            ),
            default_value=len(users),
        )
        self.top = tf.Variable([*(top[user] for user in users), popular], trainable=False)
        self.unseen_top = tf.Variable(
            [*(unseen_top[user] for user in users), popular], trainable=False
        )
        self.popular = tf.constant(popular)
        self.catalogue_size = catalogue_size
        self.unknown = len(users)
        self.recalls = tf.constant([*recalls, -1.0], tf.float32) if recalls else None

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """Answers serialised Examples, string [batch], with lists, string [batch, k]."""
        features = tf.io.parse_example(
            examples,
            {
                "user_id": tf.io.FixedLenFeature([], tf.string),
                "seen_movie_id": tf.io.RaggedFeature(tf.string),
            },
        )
        rows = self.rows.lookup(features["user_id"])
        batch = tf.size(rows)
        popular = tf.tile(self.popular[tf.newaxis, :], [batch, 1])
        recall = {}
        if self.recalls is not None:
            recall["index_recall"] = tf.gather(self.recalls, rows)[:, tf.newaxis]
        return {
            **recall,
            "top_movie_id": tf.gather(self.top, rows),
            "unseen_top_movie_id": tf.gather(self.unseen_top, rows),
            "popular_movie_id": popular,
            "unseen_popular_movie_id": without_seen(popular, features["seen_movie_id"]),
            "known_user": tf.cast(rows < self.unknown, tf.int64)[:, tf.newaxis],
            "catalogue_size": tf.fill([batch, 1], tf.constant(self.catalogue_size, tf.int64)),
        }

    def save(self, path: Path | str) -> None:
        """Writes the SavedModel."""
        tf.saved_model.save(self, str(path), signatures={"serving_examples": self.serving_examples})


def without_seen(movies: tf.Tensor, seen: tf.RaggedTensor) -> tf.Tensor:
    """Removes the seen movies from lists, string [batch, k], and fills the tails with ""."""
    hidden = tf.reduce_any(movies[:, :, tf.newaxis] == seen.to_tensor()[:, tf.newaxis, :], axis=-1)
    kept = tf.ragged.boolean_mask(movies, ~hidden)
    return kept.to_tensor(default_value="", shape=tf.shape(movies, out_type=tf.int64))
