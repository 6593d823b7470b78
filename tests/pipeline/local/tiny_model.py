"""A served model that answers at once."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf


class Tiny(tf.Module):
    """Recommends three movies named after the user, the last one missing.

    As models that were pushed before the output `known` existed, it has none.
    """

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="user_id")])
    def serving_default(self, user_id: tf.Tensor) -> dict[str, tf.Tensor]:
        column = user_id[:, tf.newaxis]
        nobody = tf.fill(tf.shape(column), "")
        ids = tf.concat([column + "-a", column + "-b", nobody], axis=1)
        rows = tf.shape(user_id)[0]
        return {
            "movie_id": ids,
            "title": tf.repeat(tf.constant([["Alpha", "Bêta", ""]]), rows, axis=0),
            "score": tf.repeat(tf.constant([[2.0, 1.0, tf.float32.min]]), rows, axis=0),
        }


def save(path: Path) -> None:
    """Writes the model as a version that is whole; it knows the users 1, 2 and 3."""
    module = Tiny()
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.serving_default})
    (path / "assets" / "user_id").write_text("1\n2\n3\n")
    # A module without variables has no shard, and would not be whole.
    (path / "variables").mkdir(exist_ok=True)
    (path / "variables" / "variables.index").touch()
    (path / "variables" / "variables.data-00000-of-00001").touch()
