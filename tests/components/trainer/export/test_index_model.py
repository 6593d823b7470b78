"""The exported model, asked in a process that has TensorFlow alone."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from components.contracts.saved_model import SIGNATURES, WARM_UP_REQUESTS
from components.trainer.config import TrainerConfig
from components.trainer.export.served_files import WARM_UP_ROWS
from components.trainer.train import train
from tests.components.trainer.asking import ask_alone
from tests.components.trainer.synthetic import (
    BLOCK_MOVIES,
    BLOCKS,
    SEEN,
    UNRATED,
    World,
    user_example,
)

LOWEST = float(np.finfo(np.float32).min)
K = BLOCKS * BLOCK_MOVIES + len(UNRATED)  # 51: the catalogue is smaller than 100
USERS = ["u0", "u5", "u159"]
WATCHED = ["m1-3", "m1-5", "m1-8"]
HISTORY = {"epochs": 15, "learning_rate": 0.03, "dropout": 0.1}
VARIANTS = {
    "history": HISTORY,
    # Every list is the whole catalogue: all partitions are looked into, and nothing is missed.
    "partitioned": {**HISTORY, "index": "partitioned", "index_probes": 1},
    "user_id": {"query": "user_id", "loss": "in_batch", "batch_size": 128, "epochs": 2},
}


@dataclass
class Answers:
    """What one exported model answered, by the name of the request."""

    variant: str
    world: World
    imported: list[str]
    named: dict[str, dict[str, list]]

    def __getitem__(self, name: str) -> dict[str, list]:
        return self.named[name]

    @property
    def popular(self) -> list[str]:
        """All movies, the most watched first; in catalogue order where equal."""
        counts = self.counts
        return sorted(self.world.titles, key=lambda movie: -counts[movie])

    @property
    def counts(self) -> Counter:
        return Counter(movie for movies in self.world.train.values() for movie in movies)


def requests(world: World) -> dict[str, tuple[str, dict[str, list]]]:
    seen = world.train["u0"]
    examples = [
        user_example("u0", ["m0-1"], seen),
        user_example("u5", ["m0-1"]),
        user_example("nobody", ["m0-1"], ["m0-1"]),
    ]
    three = [*USERS, "nobody", ""]
    return {
        "default": ("serving_default", {"user_id": three}),
        "one": ("serving_default", {"user_id": ["u5"]}),
        "none": ("serving_default", {"user_id": []}),
        "raw": ("serving_raw", {"user_id": three}),
        "exclude": (
            "serving_exclude",
            {
                "user_id": ["u0", "u5", "nobody"],
                "exclude_movie_id": [
                    [*world.held_out["u0"], "x1"],
                    ["", "", "", ""],
                    ["no movie", "m0-0", "m0-0", ""],
                ],
            },
        ),
        "similar": ("similar_movies", {"movie_id": ["m2-7", "x1", "no movie"]}),
        "history": (
            "recommend_from_history",
            {
                "movie_id": [
                    [*seen, "", ""],
                    [*reversed(seen), seen[0], "no movie"],
                    [*WATCHED, *[""] * (SEEN - 1)],
                    ["x1", "no movie", *[""] * SEEN],
                    [""] * (SEEN + 2),
                ]
            },
        ),
        "examples": ("serving_examples", {"examples": [example.hex() for example in examples]}),
        "no_examples": ("serving_examples", {"examples": []}),
        "query": ("embed_query", {"user_id": three}),
        "candidate": ("embed_candidate", {"movie_id": [*world.titles, "no movie"]}),
    }


def warm_up(path: str) -> dict[str, tuple[str, dict[str, list]]]:
    """Returns the model's own warm-up requests, by name and number."""
    found = {}
    for number, record in enumerate(tf.data.TFRecordDataset(os.path.join(path, WARM_UP_REQUESTS))):
        log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        request = log.predict_log.request
        inputs = {name: tf.make_ndarray(value) for name, value in request.inputs.items()}
        decode = bytes.hex if "examples" in inputs else bytes.decode
        texts = {name: np.vectorize(decode)(array).tolist() for name, array in inputs.items()}
        found[f"warm-up {number}"] = (request.model_spec.signature_name, texts)
    return found


@pytest.fixture(scope="module", params=VARIANTS)
def answers(
    request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Answers:
    folder = tmp_path_factory.mktemp("model")
    config = TrainerConfig(
        **{"embedding_dim": 16, "batch_size": 32, "validation_users": 0.0, "weight_decay": 0.0}
        | VARIANTS[request.param]
    )
    path = str(folder / "model")
    train(
        world.example_files,
        world.movie_files,
        world.transform_graph,
        path,
        str(folder / "run"),
        config,
    )
    wanted = requests(world) | warm_up(path)
    imported, named = ask_alone(path, wanted)
    return Answers(request.param, world, imported, named)


def test_warm_up_requests_are_answered(answers: Answers) -> None:
    outputs = [value for name, value in answers.named.items() if name.startswith("warm-up")]
    assert len(outputs) == len(SIGNATURES) * len(WARM_UP_ROWS)
    assert {len(next(iter(output.values()))) for output in outputs} == set(WARM_UP_ROWS)


def test_model_loads_with_tensorflow_alone(answers: Answers) -> None:
    assert answers.imported == []


def test_serving_default_lists_unseen_movies_best_first(answers: Answers) -> None:
    result = answers["default"]
    for row, user in enumerate(USERS):
        movies, scores = result["movie_id"][row], result["score"][row]
        there = K - SEEN
        assert set(movies[:there]) == set(answers.world.titles) - set(answers.world.train[user])
        assert result["title"][row][:there] == [answers.world.titles[m] for m in movies[:there]]
        assert scores == sorted(scores, reverse=True)
        assert np.isfinite(scores).all()
        # What is left of the list is empty.
        assert movies[there:] == result["title"][row][there:] == [""] * SEEN
        assert scores[there:] == [LOWEST] * SEEN


def test_serving_default_does_not_depend_on_the_batch(answers: Answers) -> None:
    assert answers["one"]["movie_id"][0] == answers["default"]["movie_id"][1]
    np.testing.assert_allclose(
        answers["one"]["score"][0], answers["default"]["score"][1], rtol=1e-4, atol=1e-6
    )


def test_serving_default_of_an_empty_batch_is_empty(answers: Answers) -> None:
    assert all(value == [] for value in answers["none"].values())
    assert all(value == [] for value in answers["no_examples"].values())


@pytest.mark.parametrize("request_name", ["default", "raw"])
def test_unknown_users_get_popular_movies(answers: Answers, request_name: str) -> None:
    result = answers[request_name]
    total = sum(answers.counts.values())
    shares = np.log([max(answers.counts[movie], 0.5) / total for movie in answers.popular])
    for row in (3, 4):
        assert result["movie_id"][row] == answers.popular
        np.testing.assert_allclose(result["score"][row], shares, rtol=1e-5)


def test_known_says_whom_and_what_the_model_knows(answers: Answers) -> None:
    users = [True] * len(USERS) + [False, False]
    assert answers["default"]["known"] == answers["raw"]["known"] == users
    assert answers["exclude"]["known"] == [True, True, False]
    # Nobody has rated x1, so the model has learned nothing of it.
    assert answers["similar"]["known"] == [True, False, False]
    assert answers["history"]["known"] == [True, True, True, False, False]


def test_serving_raw_without_seen_movies_is_serving_default(answers: Answers) -> None:
    for row, user in enumerate(USERS):
        raw = answers["raw"]["movie_id"][row]
        assert set(raw) == set(answers.world.titles)
        unseen = [movie for movie in raw if movie not in answers.world.train[user]]
        assert unseen == answers["default"]["movie_id"][row][: K - SEEN]


def test_scores_are_dot_products_less_the_penalty_on_seen_movies(answers: Answers) -> None:
    candidates = np.array(answers["candidate"]["embedding"])
    position = {movie: number for number, movie in enumerate(answers.world.titles)}
    for row, user in enumerate(USERS):
        products = candidates @ np.array(answers["query"]["embedding"][row])
        for movie, score in zip(
            answers["raw"]["movie_id"][row], answers["raw"]["score"][row], strict=True
        ):
            penalised = answers.variant != "user_id" and movie in answers.world.train[user]
            if penalised:
                # It starts at 8 and learns by at most .03 a step, 75 steps.
                assert 8 - 2.25 < products[position[movie]] - score < 8 + 2.25
            else:
                np.testing.assert_allclose(score, products[position[movie]], rtol=1e-4, atol=1e-4)


def test_embeddings_of_the_unknown(answers: Answers) -> None:
    assert not np.any(answers["query"]["embedding"][3:])
    embeddings = answers["candidate"]["embedding"]
    # What is in no catalogue is embedded like the unrated movies, the last three of it.
    assert embeddings[-1] == embeddings[-2] == embeddings[-3]


def test_serving_exclude_removes_what_was_named(answers: Answers) -> None:
    result = answers["exclude"]["movie_id"]
    default = answers["default"]["movie_id"]
    gone = {*answers.world.held_out["u0"], "x1"}
    assert result[0] == [movie for movie in default[0] if movie not in gone] + [""] * len(gone)
    assert result[1] == default[1]
    assert result[2] == [movie for movie in answers.popular if movie != "m0-0"] + [""]


def test_similar_movies_leave_out_the_movie_itself(answers: Answers) -> None:
    movies, scores = (answers["similar"][key][0] for key in ("movie_id", "score"))
    assert "m2-7" not in movies
    assert movies[-1] == ""
    assert max(scores) <= 1.0 + 1e-5
    assert min(scores[:-1]) >= -1.0 - 1e-5
    candidates = np.array(answers["candidate"]["embedding"])[:, :16]
    position = {movie: number for number, movie in enumerate(answers.world.titles)}
    first, second = candidates[position["m2-7"]], candidates[position[movies[0]]]
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    np.testing.assert_allclose(scores[0], cosine, rtol=1e-4)
    if answers.variant != "user_id":
        # Learned: the 11 others of the block are the nearest.
        assert {movie.split("-")[0] for movie in movies[: BLOCK_MOVIES - 1]} == {"m2"}


def test_similar_movies_of_what_nobody_rated_are_popular(answers: Answers) -> None:
    result = answers["similar"]["movie_id"]
    assert result[1] == [movie for movie in answers.popular if movie != "x1"] + [""]
    assert result[2] == answers.popular


def test_recommend_from_history_leaves_out_the_history(answers: Answers) -> None:
    result = answers["history"]["movie_id"]
    seen = answers.world.train["u0"]
    assert set(result[0][: K - SEEN]) == set(answers.world.titles) - set(seen)
    assert set(result[2][: K - 3]) == set(answers.world.titles) - set(WATCHED)


def test_recommend_from_history_minds_neither_order_nor_repetition(answers: Answers) -> None:
    result = answers["history"]
    # Equal scores may swap: compare them by movie.
    first, second = (
        dict(zip(result["movie_id"][row], result["score"][row], strict=True)) for row in (0, 1)
    )
    assert first == pytest.approx(second, rel=1e-4, abs=1e-6)


def test_recommend_from_history_without_rated_movies_is_popular(answers: Answers) -> None:
    result = answers["history"]["movie_id"]
    assert result[3] == [movie for movie in answers.popular if movie != "x1"] + [""]
    assert result[4] == answers.popular


def test_recommend_from_history_follows_the_tower(answers: Answers) -> None:
    result = answers["history"]
    if answers.variant != "user_id":
        # A known user's history is answered like the user.
        assert result["movie_id"][0] == answers["default"]["movie_id"][0]
        np.testing.assert_allclose(
            result["score"][0], answers["default"]["score"][0], rtol=1e-4, atol=1e-4
        )
        # Learned: the rest of the block comes first.
        assert {m.split("-")[0] for m in result["movie_id"][2][: BLOCK_MOVIES - 3]} == {"m1"}
    else:
        # The query is the mean of the candidates' embeddings.
        position = {movie: number for number, movie in enumerate(answers.world.titles)}
        candidates = np.array(answers["candidate"]["embedding"])
        query = candidates[[position[movie] for movie in WATCHED]].mean(axis=0)
        expected = [candidates[position[movie]] @ query for movie in result["movie_id"][2][: K - 3]]
        np.testing.assert_allclose(result["score"][2][: K - 3], expected, rtol=1e-4, atol=1e-5)


def test_serving_examples_agrees_with_the_other_signatures(answers: Answers) -> None:
    result = answers["examples"]
    raw, default = answers["raw"]["movie_id"], answers["default"]["movie_id"]
    assert result["top_movie_id"][:2] == raw[:2]
    assert result["unseen_top_movie_id"][0] == default[0]
    # Without the list of seen movies nothing is removed.
    assert result["unseen_top_movie_id"][1] == raw[1]
    assert result["known_user"] == [[1], [1], [0]]
    assert result["catalogue_size"] == [[K]] * 3
    recalls = [[1.0], [1.0], [-1.0]]
    assert result.get("index_recall") == (recalls if answers.variant == "partitioned" else None)


def test_serving_examples_gives_popular_movies(answers: Answers) -> None:
    result = answers["examples"]
    seen = answers.world.train["u0"]
    assert result["popular_movie_id"] == [answers.popular] * 3
    unseen = [movie for movie in answers.popular if movie not in seen]
    assert result["unseen_popular_movie_id"][0] == unseen + [""] * SEEN
    assert result["unseen_popular_movie_id"][1] == answers.popular
    # An unknown user gets popular movies, without those named as seen.
    assert result["top_movie_id"][2] == answers.popular
    without = [movie for movie in answers.popular if movie != "m0-1"] + [""]
    assert result["unseen_top_movie_id"][2] == result["unseen_popular_movie_id"][2] == without
