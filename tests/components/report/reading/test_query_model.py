from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.model_session import Arrays
from components.report.config import ReportConfig
from components.report.facts import Ratings
from components.report.reading import query_model
from tests.components.serving_check.tiny_index import CATALOGUE, SEEN, TinyIndex


class Session:
    """A session of a model that recommends a, b, and an empty end to everyone.

    For a history it recommends what comes after the last movie: its name and a dash.
    """

    def call(self, signature: str, inputs: Arrays) -> Arrays:
        (ids,) = inputs.values()
        if signature == "recommend_from_history":
            last = ids[:, -1:] + b"-"
            return {"movie_id": last, "score": np.ones(last.shape, np.float32)}
        return {
            "movie_id": np.array([[b"a", b"b", b""]] * len(ids), object),
            "score": np.array([[2.0, 1.0, -3e38]] * len(ids), np.float32),
        }


SESSION = Session()


def test_recommend_leaves_out_empty_end() -> None:
    assert query_model.recommend(SESSION, ["u"], 3) == [[("a", 2.0), ("b", 1.0)]]


def test_recommend_cuts_to_length() -> None:
    assert query_model.recommend(SESSION, ["u"], 1) == [[("a", 2.0)]]


def test_count_recommended_over_several_batches() -> None:
    users = ["u"] * (2 * query_model.BATCH + 1)
    assert query_model.count_recommended(SESSION, users, 3) == {"a": len(users), "b": len(users)}


def test_query_movies_names_neighbours_of_each() -> None:
    actual = query_model.query_movies(SESSION, ["x", "y"], 2)
    assert [sample.id for sample in actual] == ["x", "y"]
    assert actual[1].nearest == [("a", 2.0), ("b", 1.0)]


def test_query_movies_of_none_does_not_ask() -> None:
    assert query_model.query_movies(None, [], 2) == []


def test_query_users_best_rated_first_and_held_out(monkeypatch) -> None:
    examples = {
        "train": {"u": {"movies": ["p", "q"], "ratings": [2.0, 5.0], "features": {"age": "25"}}},
        "eval": {"u": {"movies": ["a"], "ratings": [4.0], "features": {}}},
    }
    monkeypatch.setattr(query_model, "read_users", lambda files, users: examples[files[0]])
    (sample,) = query_model.query_users(SESSION, ["u"], ["train"], ["eval"], 2)
    assert sample.history == [("q", 5.0), ("p", 2.0)]
    assert sample.held_out == {"a"}
    assert sample.recommended == ["a", "b"]
    assert sample.features == {"age": "25"}
    # q was watched last; without it p was.
    assert sample.last == "q"
    assert sample.before_last == ["p-"]


def test_query_users_without_held_out_part(monkeypatch) -> None:
    train = {"u": {"movies": [], "ratings": [], "features": {}}}
    monkeypatch.setattr(query_model, "read_users", lambda files, users: train if files else {})
    (sample,) = query_model.query_users(SESSION, ["u"], ["train"], [], 2)
    assert sample.held_out == frozenset()
    assert sample.last == ""


def test_query_model_shows_what_the_loaded_model_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    TinyIndex().save(tmp_path / "model")
    train = {
        user: {"movies": seen, "ratings": [5.0] * len(seen), "features": {}}
        for user, seen in SEEN.items()
    }
    monkeypatch.setattr(query_model, "read_users", lambda files, users: train if files else {})
    ratings = Ratings(
        list(SEEN), [len(seen) for seen in SEEN.values()], dict.fromkeys(CATALOGUE, 1), CATALOGUE
    )
    config = ReportConfig(sample_users=4, sample_movies=3, measured_users=4, list_length=5)
    results = query_model.query_model(str(tmp_path / "model"), ratings, ["train"], [], config)
    signatures = tf.saved_model.load(str(tmp_path / "model")).signatures
    assert {sample.id for sample in results.users} == set(SEEN)
    for sample in results.users:
        answer = signatures["serving_default"](user_id=tf.constant([sample.id]))
        movies = [movie.decode() for movie in answer["movie_id"].numpy()[0, :5] if movie]
        assert sample.recommended == movies
    asked = tf.constant([movie.id for movie in results.movies])
    answer = signatures["similar_movies"](movie_id=asked)
    movies, scores = answer["movie_id"].numpy()[:, :5], answer["score"].numpy()[:, :5]
    for row, movie in enumerate(results.movies):
        assert [name for name, _ in movie.nearest] == movies[row].astype(str).tolist()
        assert [score for _, score in movie.nearest] == pytest.approx(
            scores[row].tolist(), abs=1e-6
        )
    # u2 has seen all movies but one.
    assert sum(results.recommended.values()) == 5 + 5 + 1 + 5
