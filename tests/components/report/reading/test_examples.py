from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from components.report.reading.examples import read_ratings, read_users


def _write(path: Path, *examples: dict[str, list]) -> list[str]:
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for example in examples:
            message = tf.train.Example()
            for name, values in example.items():
                feature = message.features.feature[name]
                if values and isinstance(values[0], float):
                    feature.float_list.value.extend(values)
                else:
                    feature.bytes_list.value.extend(value.encode() for value in values)
            writer.write(message.SerializeToString())
    return [str(path)]


@pytest.fixture
def train(tmp_path: Path) -> list[str]:
    return _write(
        tmp_path / "train.gz",
        {"user_id": ["u1"], "movie_id": ["a", "b"], "rating": [5.0, 3.0], "gender": ["F"]},
        {"user_id": ["u2"], "movie_id": ["b"], "rating": [1.0]},
        {"user_id": ["u3"]},
    )


@pytest.fixture
def movies(tmp_path: Path) -> list[str]:
    return _write(
        tmp_path / "movies.gz",
        {"movie_id": ["a"], "title": ["Été & <Äpfel>"]},
        {"movie_id": ["z"]},
    )


def test_read_ratings_counts_by_user_and_movie(train: list[str], movies: list[str]) -> None:
    ratings = read_ratings(train, movies)
    assert ratings.users == ["u1", "u2", "u3"]
    assert ratings.by_user == [2, 1, 0]
    assert ratings.by_movie == {"a": 1, "b": 2}
    assert ratings.title("a") == "Été & <Äpfel>"
    assert ratings.title("z") == "z"  # no title: its id


def test_movies_by_popularity_holds_unrated_and_uncatalogued(
    train: list[str], movies: list[str]
) -> None:
    # b has 2 ratings and is in no catalogue, a has 1, z none.
    assert read_ratings(train, movies).movies_by_popularity() == ["b", "a", "z"]


def test_read_users_finds_those_asked_for(train: list[str]) -> None:
    actual = read_users(train, ["u1", "nobody"])
    assert actual == {
        "u1": {"movies": ["a", "b"], "ratings": [5.0, 3.0], "features": {"gender": "F"}}
    }


def test_read_users_without_files_or_users_is_empty(train: list[str]) -> None:
    assert read_users([], ["u1"]) == {}
    assert read_users(train, []) == {}
