import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from components.example_gen.sources.catalogue import Movie
from components.example_gen.users import examples
from components.example_gen.users.interactions import Interactions


def as_dict(record):
    features = tf.train.Example.FromString(record).features.feature
    return {n: list(getattr(f, f.WhichOneof("kind")).value) for n, f in features.items()}


@pytest.fixture
def data():
    # Two users: "a" has three interactions, "b" one.
    return Interactions(
        users=["a", "b"],
        movies=["10", "20", "30"],
        user=np.array([0, 0, 0, 1]),
        movie=np.array([2, 0, 1, 0]),
        rating=np.array([5, 4, 3, 2], np.float32),
        timestamp=np.array([100, 200, 300, 50]),
    )


def test_user_examples_parts_each_user(data):
    held_out = np.array([False, True, False, False])
    (train_a, eval_a), (train_b, eval_b) = examples.user_examples(
        data, held_out, {"a": {"gender": "F", "age": "25"}}
    )

    about = {"user_id": [b"a"], "activity": [b"1-19"], "gender": [b"F"], "age": [b"25"]}
    assert as_dict(train_a) == {
        **about,
        "movie_id": [b"30", b"20"],
        "rating": [5, 3],
        "timestamp": [100, 300],
    }
    assert as_dict(eval_a) == {
        **about,
        "movie_id": [b"10"],
        "rating": [4],
        "timestamp": [200],
        "seen_movie_id": [b"30", b"20"],
    }
    assert as_dict(train_b)["movie_id"] == [b"10"]
    assert set(as_dict(train_b)) == {"user_id", "activity", "movie_id", "rating", "timestamp"}
    assert eval_b is None


def test_user_examples_of_a_user_without_train(data):
    held_out = np.array([False, False, False, True])
    _, (train_b, eval_b) = examples.user_examples(data, held_out, {})
    assert train_b is None
    assert as_dict(eval_b)["seen_movie_id"] == []
    assert as_dict(eval_b)["activity"] == [b"0"]


def test_user_examples_write_features_in_the_order_of_their_names(data):
    held_out = np.array([False, True, False, False])
    features = {"gender": "F", "age": "25"}
    first = list(examples.user_examples(data, held_out, {"a": features}))
    swapped = dict(reversed(features.items()))
    assert list(examples.user_examples(data, held_out, {"a": swapped})) == first
    order = ["activity", "age", "gender", "movie_id", "rating", "timestamp", "user_id"]
    positions = [first[0][0].index(name.encode()) for name in order]
    assert positions == sorted(positions)


def test_user_examples_have_weights_where_interactions_have(data):
    weighted = dataclasses.replace(data, weight=np.array([1, 3, 5, 0.5], np.float32))
    held_out = np.array([False, True, False, False])
    (train_a, eval_a), (train_b, _) = examples.user_examples(weighted, held_out, {})
    actual = [as_dict(example)["weight"] for example in (train_a, eval_a, train_b)]
    assert actual == [[1, 5], [3], [0.5]]
    assert as_dict(train_a)["movie_id"] == [b"30", b"20"]


@pytest.mark.parametrize(
    ("count", "bucket"),
    [
        (0, "0"),
        (1, "1-19"),
        (19, "1-19"),
        (20, "20-49"),
        (49, "20-49"),
        (50, "50-99"),
        (100, "100-199"),
        (199, "100-199"),
        (200, "200+"),
        (10_000, "200+"),
    ],
)
def test_activity_bucket(count, bucket):
    assert examples.activity(count) == bucket


def test_movie_example():
    record = examples.movie_example(Movie("7", "Café (1995)", ("Comedy", "War"), 1995))
    assert as_dict(record) == {
        "movie_id": [b"7"],
        "title": ["Café (1995)".encode()],
        "genres": [b"Comedy", b"War"],
        "year": [1995],
    }


def test_movie_example_without_genres_and_year_has_empty_lists():
    assert as_dict(examples.movie_example(Movie("7", "7"))) == {
        "movie_id": [b"7"],
        "title": [b"7"],
        "genres": [],
        "year": [],
    }
