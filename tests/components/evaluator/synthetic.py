"""A tiny world in which every figure of an evaluation can be counted on the fingers.

Four users with two held-out movies each, so 8 held-out interactions in all; two of them (of users 0
and 1) are the popular movie «p1», so popularity has 2 hits and an accuracy of .25, with and without
seen movies. A model is told how many of the eight its lists contain.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf
from tfx import types
from tfx.types import artifact_utils, standard_artifacts

from tests.components.evaluator.table_model import TableModel

POPULAR = [b"p1", b"p2", b"p3", b"p4"]
HELD_OUT = [
    (b"u0", b"p1"),
    (b"u1", b"p1"),
    (b"u0", b"a"),
    (b"u1", b"b"),
    (b"u2", b"c"),
    (b"u2", b"d"),
    (b"u3", b"e"),
    (b"u3", b"f"),
]
USERS = [b"u0", b"u1", b"u2", b"u3"]
CATALOGUE_SIZE = 1000  # large enough for a top 100


def write_model(
    folder: Path,
    hits: int,
    unseen_hits: int,
    catalogue_size: int = CATALOGUE_SIZE,
    recalls: Sequence[float] = (),
) -> types.Artifact:
    """Writes a model whose lists hold the first so many of HELD_OUT and returns its artifact.

    With `recalls`, one for each of USERS, it says that its index is approximate.
    """
    model = TableModel(_lists(hits), _lists(unseen_hits), POPULAR, catalogue_size, recalls)
    model.save(folder / "Format-Serving")
    return artifact(standard_artifacts.Model, folder)


def _lists(hits: int) -> dict[bytes, list[bytes]]:
    """Returns four movies for each user, the held-out ones of the first `hits` among them."""
    lists = {user: [movie for u, movie in HELD_OUT[:hits] if u == user] for user in USERS}
    return {user: [*movies, b"z1", b"z2", b"z3", b"z4"][:4] for user, movies in lists.items()}


def write_examples(
    folder: Path,
    users: list[bytes] | None = None,
    weights: dict[bytes, list[float]] | None = None,
) -> types.Artifact:
    """Writes the eval split; u0 and u1 alone have a gender, no one an age, u3 has seen nothing.

    Args:
        folder: Where it goes.
        users: Who is in it; by default all.
        weights: Weights of the held-out movies of the users that have any.
    """
    split = folder / "Split-eval"
    split.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(split / "examples-00000-of-00001.gz"), "GZIP") as writer:
        for user in USERS if users is None else users:
            features = {
                "user_id": [user],
                "movie_id": [movie for u, movie in HELD_OUT if u == user],
                "activity": [b"0" if user == b"u3" else b"1-19"],
            }
            if user in (b"u0", b"u1"):
                features["gender"] = [b"F"]
            if user != b"u3":
                features["seen_movie_id"] = [b"p4", b"s%c" % user[1]]
            record = example(features)
            if weights and user in weights:
                record.features.feature["weight"].float_list.value.extend(weights[user])
            writer.write(record.SerializeToString())
    examples = artifact(standard_artifacts.Examples, folder)
    examples.split_names = artifact_utils.encode_split_names(["train", "eval"])
    return examples


def example(features: dict[str, list[bytes]]) -> tf.train.Example:
    lists = {
        name: tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
        for name, values in features.items()
    }
    return tf.train.Example(features=tf.train.Features(feature=lists))


def artifact(kind: type[types.Artifact], folder: Path) -> types.Artifact:
    """Returns an artifact at that folder, marked as of the present TFX as the launcher does."""
    created = kind()
    created.uri = str(folder)
    created.set_string_custom_property(
        artifact_utils.ARTIFACT_TFX_VERSION_CUSTOM_PROPERTY_KEY, "1.16.0"
    )
    return created
