from __future__ import annotations

import tensorflow as tf

from components.report.reading import query_model


def _serve(**inputs: tf.Tensor) -> dict[str, tf.Tensor]:
    """Recommends to everyone a, b, and an empty end."""
    (ids,) = inputs.values()
    rows = len(ids)
    return {
        "movie_id": tf.constant([["a", "b", ""]] * rows),
        "score": tf.constant([[2.0, 1.0, -3e38]] * rows),
    }


def _next(movie_id: tf.Tensor) -> dict[str, tf.Tensor]:
    """Recommends what comes after the last movie that is asked: its name and a dash."""
    last = tf.strings.join([movie_id[:, -1:], "-"])
    return {"movie_id": last, "score": tf.ones_like(last, tf.float32)}


SIGNATURES = {
    "serving_default": _serve,
    "similar_movies": _serve,
    "recommend_from_history": _next,
}


def test_recommend_leaves_out_empty_end() -> None:
    assert query_model.recommend(SIGNATURES, ["u"], 3) == [[("a", 2.0), ("b", 1.0)]]


def test_recommend_cuts_to_length() -> None:
    assert query_model.recommend(SIGNATURES, ["u"], 1) == [[("a", 2.0)]]


def test_count_recommended_over_several_batches() -> None:
    users = ["u"] * (2 * query_model.BATCH + 1)
    assert query_model.count_recommended(SIGNATURES, users, 3) == {"a": len(users), "b": len(users)}


def test_query_movies_names_neighbours_of_each() -> None:
    actual = query_model.query_movies(SIGNATURES, ["x", "y"], 2)
    assert [sample.id for sample in actual] == ["x", "y"]
    assert actual[1].nearest == [("a", 2.0), ("b", 1.0)]


def test_query_movies_of_none_does_not_ask() -> None:
    assert query_model.query_movies({}, [], 2) == []


def test_query_users_best_rated_first_and_held_out(monkeypatch) -> None:
    examples = {
        "train": {"u": {"movies": ["p", "q"], "ratings": [2.0, 5.0], "features": {"age": "25"}}},
        "eval": {"u": {"movies": ["a"], "ratings": [4.0], "features": {}}},
    }
    monkeypatch.setattr(query_model, "read_users", lambda files, users: examples[files[0]])
    (sample,) = query_model.query_users(SIGNATURES, ["u"], ["train"], ["eval"], 2)
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
    (sample,) = query_model.query_users(SIGNATURES, ["u"], ["train"], [], 2)
    assert sample.held_out == frozenset()
    assert sample.last == ""
