"""The transform graph: raw features to vocabulary indices, and the vocabularies themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from components.contracts.examples import MOVIE_ID, USER_ID

USER_SPEC: dict[str, tf.io.FixedLenFeature | tf.io.VarLenFeature] = {
    USER_ID: tf.io.FixedLenFeature([1], tf.string),
    MOVIE_ID: tf.io.VarLenFeature(tf.string),
}


class TransformGraph:
    """Applies the graph; the last index of a vocabulary, OOV, is for values outside of it.

    Attributes:
        users: Number of users in the vocabulary; `users` itself is the OOV index.
        movies: Number of movies in the vocabulary; `movies` itself is the OOV index.
    """

    def __init__(self, path: str) -> None:
        self._output = tft.TFTransformOutput(path)
        self._layer = self._output.transform_features_layer()
        self.users = int(self._output.vocabulary_size_by_name(USER_ID))
        self.movies = int(self._output.vocabulary_size_by_name(MOVIE_ID))

    def resources(self) -> list[tf.Module]:
        """Returns the trackable objects behind the graph, for a module that saves it.

        Without the Keras layer itself: Keras would save functions of its own, slowly.
        """
        return list(tf.train.TrackableView.children(self._layer).values())

    def movie_ids(self) -> np.ndarray:
        """Returns the movie ids of the vocabulary in index order, bytes objects [movies]."""
        return self.vocabulary(MOVIE_ID)

    def user_ids(self) -> np.ndarray:
        """Returns the user ids of the vocabulary in index order, bytes objects [users]."""
        return self.vocabulary(USER_ID)

    def vocabulary(self, feature: str) -> np.ndarray:
        """Returns the values of a vocabulary in index order, bytes objects [n]; [] without it."""
        try:
            return np.array(self._output.vocabulary_by_name(feature), dtype=object)
        except ValueError:
            return np.array([], dtype=object)

    def user_index(self, user_id: tf.Tensor) -> tf.Tensor:
        """Maps `user_id` string [batch] to vocabulary indices int64 [batch]."""
        return tf.reshape(self._apply({USER_ID: user_id[:, tf.newaxis]})["user_index"], [-1])

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
        spec = {USER_ID: USER_SPEC[USER_ID]} | {
            name: tf.io.VarLenFeature(tf.string) for name in names
        }
        outputs = self._apply(tf.io.parse_example(examples, spec))
        users = tf.cast(tf.reshape(outputs["user_index"], [-1]), tf.int32)
        return users, {name: self._single_value(outputs, name) for name in names}

    def feature_index(self, name: str, values: tf.Tensor) -> tf.Tensor:
        """Maps values of a user feature, string [batch], to indices int32 [batch]."""
        sparse = tf.sparse.from_dense(values[:, tf.newaxis])
        return self._single_value(self._apply({name: sparse}), name)

    def _single_value(self, outputs: dict[str, tf.Tensor], name: str) -> tf.Tensor:
        """Returns each row's value of a feature, the OOV index where it has none: int32 [batch]."""
        ragged = tf.RaggedTensor.from_sparse(outputs[f"{name}_index"])
        dense = ragged.to_tensor(default_value=len(self.vocabulary(name)), shape=[None, 1])
        return tf.cast(dense[:, 0], tf.int32)

    def _apply(self, features: dict[str, tf.Tensor | tf.SparseTensor]) -> dict[str, tf.Tensor]:
        # AutoGraph would rewrite the whole of TFT's loader, for nothing: 6 s of each trace.
        return tf.autograph.experimental.do_not_convert(self._layer)(features)
