"""The transform graph: raw features to vocabulary indices, and the vocabularies themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

USER_SPEC: dict[str, tf.io.FixedLenFeature | tf.io.VarLenFeature] = {
    "user_id": tf.io.FixedLenFeature([1], tf.string),
    "movie_id": tf.io.VarLenFeature(tf.string),
}


class TransformGraph:
    """Applies what Transform analysed; an index outside a vocabulary is its last, the OOV index.

    Attributes:
        users: Number of users in the vocabulary; `users` itself is the OOV index.
        movies: Number of movies in the vocabulary; `movies` itself is the OOV index.
    """

    def __init__(self, path: str) -> None:
        self._output = tft.TFTransformOutput(path)
        self._layer = self._output.transform_features_layer()
        self.users = int(self._output.vocabulary_size_by_name("user_id"))
        self.movies = int(self._output.vocabulary_size_by_name("movie_id"))

    def resources(self) -> list[tf.Module]:
        """Returns the trackable objects behind the graph, for a module that saves it.

        Not the Keras layer itself, for which Keras would save functions of its own, slowly.
        """
        return list(tf.train.TrackableView.children(self._layer).values())

    def movie_ids(self) -> np.ndarray:
        """Returns the movie ids of the vocabulary in index order, bytes objects [movies]."""
        return np.array(self._output.vocabulary_by_name("movie_id"), dtype=object)

    def user_ids(self) -> np.ndarray:
        """Returns the user ids of the vocabulary in index order, bytes objects [users]."""
        return np.array(self._output.vocabulary_by_name("user_id"), dtype=object)

    def vocabulary(self, feature: str) -> np.ndarray:
        """Returns the values of a user feature in index order, bytes objects; none without it."""
        try:
            return np.array(self._output.vocabulary_by_name(feature), dtype=object)
        except ValueError:
            return np.array([], dtype=object)

    def user_index(self, user_id: tf.Tensor) -> tf.Tensor:
        """Maps `user_id` string [batch] to vocabulary indices int64 [batch]."""
        return tf.reshape(self._apply({"user_id": user_id[:, tf.newaxis]})["user_index"], [-1])

    def movie_index(self, movie_id: tf.Tensor) -> tf.Tensor:
        """Maps `movie_id` string [n] to vocabulary indices int64 [n]."""
        rows = tf.range(tf.size(movie_id, out_type=tf.int64))
        sparse = tf.SparseTensor(
            indices=tf.stack([rows, tf.zeros_like(rows)], axis=1),
            values=movie_id,
            dense_shape=tf.stack([tf.size(movie_id, out_type=tf.int64), 1]),
        )
        return self._apply({"movie_id": sparse})["movie_index"].values

    def user_rows(self, examples: tf.Tensor) -> tuple[tf.Tensor, tf.RaggedTensor]:
        """Parses and transforms serialised user Examples.

        Args:
            examples: string [batch].

        Returns:
            User indices int32 [batch] and their movies' indices, ragged int32 [batch, None].
        """
        outputs = self._apply(tf.io.parse_example(examples, USER_SPEC))
        movies = tf.RaggedTensor.from_sparse(outputs["movie_index"])
        return (
            tf.cast(tf.reshape(outputs["user_index"], [-1]), tf.int32),
            tf.cast(movies, tf.int32),
        )

    def user_features(
        self, examples: tf.Tensor, names: Sequence[str]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Parses and transforms features of serialised user Examples.

        Args:
            examples: string [batch].
            names: The features.

        Returns:
            User indices int32 [batch], and int32 [batch] by feature, the OOV index where a user
            has none.
        """
        spec = {"user_id": USER_SPEC["user_id"]} | {
            name: tf.io.VarLenFeature(tf.string) for name in names
        }
        outputs = self._apply(tf.io.parse_example(examples, spec))
        users = tf.cast(tf.reshape(outputs["user_index"], [-1]), tf.int32)
        return users, {name: self._one(outputs, name) for name in names}

    def feature_index(self, name: str, values: tf.Tensor) -> tf.Tensor:
        """Maps values of a user feature, string [batch], to indices int32 [batch]."""
        sparse = tf.sparse.from_dense(values[:, tf.newaxis])
        return self._one(self._apply({name: sparse}), name)

    def _one(self, outputs: dict[str, tf.Tensor], name: str) -> tf.Tensor:
        """Returns each row's value of a feature, the OOV index where it has none: int32 [batch]."""
        ragged = tf.RaggedTensor.from_sparse(outputs[f"{name}_index"])
        dense = ragged.to_tensor(default_value=len(self.vocabulary(name)), shape=[None, 1])
        return tf.cast(dense[:, 0], tf.int32)

    def _apply(self, features: dict[str, tf.Tensor | tf.SparseTensor]) -> dict[str, tf.Tensor]:
        # AutoGraph would rewrite the whole of TFT's loader, for nothing: 6 s of each trace.
        return tf.autograph.experimental.do_not_convert(self._layer)(features)
