"""The request is taken from real files of Examples."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from components.contracts.saved_model import SIGNATURES
from components.errors import DataError
from components.serving_check.config import ServingCheckConfig
from components.serving_check.request import UNKNOWN_USERS, make_request


def write(path: Path, rows: list[dict[str, list[bytes]]]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for row in rows:
            features = {
                name: tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
                for name, values in row.items()
            }
            example = tf.train.Example(features=tf.train.Features(feature=features))
            writer.write(example.SerializeToString())
    return str(path)


def user(number: int) -> dict[str, list[bytes]]:
    return {"user_id": [b"u%d" % number], "movie_id": [b"m%d" % number, b"m0"]}


MOVIES = [
    {"movie_id": [b"m0"], "title": ["Amélie (2001)".encode()], "genres": [b"Comedy"]},
    {"movie_id": [b"m1"], "title": [b"Caf\xe9 (1997)"]},
    {"movie_id": [b"m0"], "title": [b"listed twice"]},
]


def test_make_request_first_users_of_all_files_and_the_whole_catalogue(tmp_path: Path) -> None:
    train = [
        write(tmp_path / "1.gz", [user(1), user(2)]),
        write(tmp_path / "2.gz", [user(3), user(4)]),
    ]
    movies = write(tmp_path / "movies.gz", MOVIES)
    request = make_request(train, [movies], ServingCheckConfig(users=3, large_batch=7))
    assert request == {
        "users": [
            {"user_id": "u1", "seen": ["m1", "m0"]},
            {"user_id": "u2", "seen": ["m2", "m0"]},
            {"user_id": "u3", "seen": ["m3", "m0"]},
        ],
        "unknown_users": list(UNKNOWN_USERS),
        # The byte E9 is no UTF-8: it is kept as a surrogate.
        "catalogue": {"m0": "Amélie (2001)", "m1": "Caf\udce9 (1997)"},
        "large_batch": 7,
        "max_latency_ms": 500.0,
        "signatures": {name: list(inputs) for name, inputs in SIGNATURES.items()},
        "profile_signature": "recommend_from_profile",
        "example_lists": [
            *("top_movie_id", "unseen_top_movie_id"),
            *("popular_movie_id", "unseen_popular_movie_id"),
        ],
        "known_output": "known",
        "recall_output": "index_recall",
        "max_k": 100,
    }


def test_make_request_large_batch_shrinks_with_a_large_catalogue(tmp_path: Path) -> None:
    # 20,000 movies: 400 users make 8,000,000 scores.
    rows = [{"movie_id": [b"%d" % number], "title": [b""]} for number in range(20_000)]
    files = [write(tmp_path / "users.gz", [user(1)])], [write(tmp_path / "movies.gz", rows)]
    assert make_request(*files, ServingCheckConfig())["large_batch"] == 400


def test_make_request_without_users_or_movies_is_refused(tmp_path: Path) -> None:
    none = write(tmp_path / "none.gz", [])
    movies = write(tmp_path / "movies.gz", MOVIES)
    with pytest.raises(DataError, match="no user in the split train"):
        make_request([none], [movies], ServingCheckConfig())
    with pytest.raises(DataError, match="no movie in the catalogue"):
        make_request([write(tmp_path / "users.gz", [user(1)])], [none], ServingCheckConfig())
