from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from pipeline.local.run.samples import sample_user
from tests.pipeline.local.tiny_model import save


def write(path: Path, row: dict[str, tf.train.Feature]) -> None:
    path.parent.mkdir()
    example = tf.train.Example(features=tf.train.Features(feature=row))
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        writer.write(example.SerializeToString())


def texts(*values: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))


@pytest.mark.parametrize("user", [b"u1", b"Caf\xe9"], ids=["utf8", "other bytes"])
def test_sample_user_best_rated_and_recommended_titles(tmp_path: Path, user: bytes) -> None:
    ratings = tf.train.Feature(float_list=tf.train.FloatList(value=[2.0, 5.0, 4.0]))
    movies = texts(b"m1", b"m2", b"m3")
    train = {"user_id": texts(user), "movie_id": movies, "rating": ratings}
    write(tmp_path / "train" / "1.gz", train)
    write(tmp_path / "movies" / "1.gz", {"movie_id": texts(b"m2"), "title": texts(b"Second")})
    save(tmp_path / "model")
    sample = sample_user(tmp_path / "model", tmp_path / "train", tmp_path / "movies", count=2)
    assert sample.user_id.encode("utf-8", "surrogateescape") == user
    assert sample.rated_best == [("Second", 5.0), ("m3", 4.0)]
    assert sample.recommended == ["Alpha", "Bêta"]
