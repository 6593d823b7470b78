"""The probe finds nothing wrong with a right model, and each fault by the check that is for it."""

from __future__ import annotations

import json
import re
import shutil
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.serving_check import probe as module
from components.serving_check.probe import CHECKS, Probe, outcome
from components.serving_check.request import contract
from tests.components.serving_check.tiny_index import (
    INPUTS,
    LOWEST,
    Signature,
    TinyIndex,
    request,
)

Named = dict[str, tf.Tensor]


def failures(model: TinyIndex, **changes: Any) -> dict[str, str]:
    """Returns name → detail of the checks that the model fails."""
    probe = Probe(model, request(**changes))
    results = [outcome(check.__name__, lambda check=check: check(probe)) for check in CHECKS]
    return {
        result["name"].removeprefix("check_"): result["detail"]
        for result in results
        if not result["passed"]
    }


def test_probe_right_model_passes_all_checks() -> None:
    assert failures(TinyIndex()) == {}


def test_probe_large_catalogue_has_lists_of_a_hundred() -> None:
    catalogue = {f"m{number}": "" for number in range(150)}
    assert Probe(TinyIndex(), request(catalogue=catalogue)).k == 100


def test_request_hands_over_the_signatures_of_the_contract() -> None:
    expected = {name: set(inputs) for name, inputs in INPUTS.items()}
    assert {name: set(inputs) for name, inputs in contract()["signatures"].items()} == expected


class WithoutSignature(TinyIndex):
    @property
    def signatures(self) -> dict[str, Any]:
        return {name: call for name, call in super().signatures.items() if name != "serving_raw"}


class ShowsSeen(TinyIndex):
    def serving_default(self, user_id: tf.Tensor) -> Named:
        return self.serving_raw(user_id)


class WrongTitles(TinyIndex):
    def __init__(self) -> None:
        super().__init__()
        self.titles = tf.roll(self.titles, 1, axis=0)


class StrangeMovie(TinyIndex):
    def __init__(self) -> None:
        super().__init__()
        self.movie_ids = tf.where(self.movie_ids == "m11", "m99", self.movie_ids)


class NotANumber(TinyIndex):
    def scores(self, user_id: tf.Tensor) -> tf.Tensor:
        return tf.where(self.movie_ids == "m7", np.nan, super().scores(user_id))


class Unsorted(TinyIndex):
    def serving_raw(self, user_id: tf.Tensor) -> Named:
        answer = self.best(self.scores(user_id))
        lists = {name: tf.reverse(value, [1]) for name, value in answer.items()}
        return self.of_user(user_id, lists)


class Twice(TinyIndex):
    def serving_raw(self, user_id: tf.Tensor) -> Named:
        answer = self.best(self.scores(user_id))
        lists = {
            name: tf.concat([value[:, :1], value[:, :-1]], axis=1) for name, value in answer.items()
        }
        return self.of_user(user_id, lists)


class OtherScores(TinyIndex):
    def scores(self, user_id: tf.Tensor) -> tf.Tensor:
        return 1.1 * super().scores(user_id)


class MissesTheBest(TinyIndex):
    """An index that never finds m6, as one that is not exact may."""

    def best(self, scores: tf.Tensor, removed: tf.Tensor | None = None) -> Named:
        return super().best(tf.where(self.movie_ids == "m6", LOWEST, scores), removed)


class UnknownIsAnError(TinyIndex):
    def query(self, user_id: tf.Tensor) -> tf.Tensor:
        tf.debugging.assert_equal(self.known(user_id), True)
        return super().query(user_id)


class UnknownGetsTastes(TinyIndex):
    def scores(self, user_id: tf.Tensor) -> tf.Tensor:
        return tf.matmul(self.query(user_id), self.candidates, transpose_b=True)


class FailsOnNothing(TinyIndex):
    def serving_default(self, user_id: tf.Tensor) -> Named:
        tf.debugging.assert_positive(tf.size(user_id))
        return super().serving_default(user_id)


class MixesUpLargeBatches(TinyIndex):
    def scores(self, user_id: tf.Tensor) -> tf.Tensor:
        scores = super().scores(user_id)
        return scores if tf.size(user_id) < 20 else tf.roll(scores, 1, axis=0)


class ExcludesNothing(TinyIndex):
    def serving_exclude(self, user_id: tf.Tensor, exclude_movie_id: tf.Tensor) -> Named:
        return self.serving_default(user_id)


class SimilarToItself(TinyIndex):
    def similar_movies(self, movie_id: tf.Tensor) -> Named:
        positions = tf.maximum(self.places.lookup(movie_id), 0)
        scores = tf.gather(self.candidates, positions) @ tf.transpose(self.candidates)
        return {**self.best(scores), "known": self.places.lookup(movie_id) >= 0}


class KeepsHistory(TinyIndex):
    def recommend_from_history(self, movie_id: tf.Tensor) -> Named:
        known = tf.reduce_any(self.members(movie_id), axis=1)
        return {**self.best(self.popular(movie_id)), "known": known}


class ExamplesOfAnotherModel(TinyIndex):
    def serving_examples(self, examples: tf.Tensor) -> Named:
        answer = super().serving_examples(examples)
        answer["top_movie_id"] = tf.reverse(answer["top_movie_id"], [1])
        return answer


class CountsTheCatalogueWrong(TinyIndex):
    def serving_examples(self, examples: tf.Tensor) -> Named:
        answer = super().serving_examples(examples)
        return {**answer, "catalogue_size": answer["catalogue_size"] - 1}


class TailOfZeros(TinyIndex):
    def best(self, scores: tf.Tensor, removed: tf.Tensor | None = None) -> Named:
        answer = super().best(scores, removed)
        worst = tf.reduce_min(scores) - 1.0
        return {**answer, "score": tf.maximum(answer["score"], worst)}


class FloatsOfDoubleWidth(TinyIndex):
    def serving_raw(self, user_id: tf.Tensor) -> Named:
        answer = super().serving_raw(user_id)
        return {**answer, "score": tf.cast(answer["score"], tf.float64)}


class WithoutKnown(TinyIndex):
    """As models were exported before they had the output."""

    def of_user(self, user_id: tf.Tensor, answer: Named) -> Named:
        return answer


class KnowsEverybody(TinyIndex):
    def of_user(self, user_id: tf.Tensor, answer: Named) -> Named:
        return {**answer, "known": tf.fill(tf.shape(user_id), True)}


class KnowsNobody(TinyIndex):
    def of_user(self, user_id: tf.Tensor, answer: Named) -> Named:
        return {**answer, "known": tf.fill(tf.shape(user_id), False)}


class KnownAsNumber(TinyIndex):
    def of_user(self, user_id: tf.Tensor, answer: Named) -> Named:
        return {**answer, "known": tf.cast(self.known(user_id)[:, 0], tf.int64)}


class KnownAsColumn(TinyIndex):
    def of_user(self, user_id: tf.Tensor, answer: Named) -> Named:
        return {**answer, "known": self.known(user_id)}


class KnowsEveryMovie(TinyIndex):
    def similar_movies(self, movie_id: tf.Tensor) -> Named:
        return {**super().similar_movies(movie_id), "known": tf.fill(tf.shape(movie_id), True)}


class KnowsNoMovie(TinyIndex):
    def similar_movies(self, movie_id: tf.Tensor) -> Named:
        return {**super().similar_movies(movie_id), "known": tf.fill(tf.shape(movie_id), False)}


class KnowsEveryHistory(TinyIndex):
    def recommend_from_history(self, movie_id: tf.Tensor) -> Named:
        known = tf.fill(tf.shape(movie_id)[:1], True)
        return {**super().recommend_from_history(movie_id), "known": known}


class TakesAge(TinyIndex):
    """Who is old gets movies the other way round."""

    @property
    def signatures(self) -> dict[str, Any]:
        profile = Signature(self.recommend_from_profile, {"movie_id": 2, "age": 1})
        return {**super().signatures, "recommend_from_profile": profile}

    def recommend_from_profile(self, movie_id: tf.Tensor, age: tf.Tensor) -> Named:
        young, old = self.recommend_from_history(movie_id), self.old(movie_id)
        is_old = self.is_old(age)
        lists = {
            name: tf.where(is_old[:, tf.newaxis], old[name], young[name])
            for name in ("movie_id", "title", "score")
        }
        return {**lists, "known": young["known"] | (age == "old")}

    def is_old(self, age: tf.Tensor) -> tf.Tensor:
        return age == "old"

    def old(self, movie_id: tf.Tensor) -> Named:
        popular = tf.reverse(self.popular(movie_id), [1])
        return self.best(popular, self.members(movie_id))


class TakesTheUnknownForOld(TakesAge):
    def is_old(self, age: tf.Tensor) -> tf.Tensor:
        return age != ""


class FailsOnTheUnknown(TakesAge):
    def is_old(self, age: tf.Tensor) -> tf.Tensor:
        return tf.strings.to_number(age) > 50


def test_probe_model_that_takes_features_of_users_passes() -> None:
    assert failures(TakesAge()) == {}


@pytest.mark.parametrize(
    ("model", "check", "detail"),
    [
        (TakesTheUnknownForOld, "profile", "recommend_from_profile and recommend_from_history"),
        (FailsOnTheUnknown, "profile", "InvalidArgumentError"),
        (WithoutSignature, "signatures", "there is no signature serving_raw"),
        (ShowsSeen, "known_users", "for 'u0' the tail after 10 movies is not filled"),
        (WrongTitles, "known_users", "in the catalogue it is"),
        (StrangeMovie, "known_users", "'m99' is listed, which is not in the catalogue"),
        (NotANumber, "known_users", "a score is not finite"),
        (Unsorted, "raw", "for 'u0' the scores are not sorted"),
        (Twice, "raw", "for 'u0' a movie is listed twice"),
        (OtherScores, "dot_products", "for 'u0' scores differ from the towers' dot products by"),
        (MissesTheBest, "known_users", "there are 9 movies where 10 are left"),
        (UnknownIsAnError, "unknown_users", "InvalidArgumentError"),
        (WithoutKnown, "known_users", "outputs are ['movie_id', 'score', 'title'], not ['known'"),
        (KnowsEverybody, "unknown_users", "for 'nobody' known is True, not False"),
        (KnowsEverybody, "raw", "for 'nobody' known is True, not False"),
        (KnowsEverybody, "exclusions", "for 'nobody' known is True, not False"),
        (KnowsNobody, "known_users", "for 'u0' known is False, not True"),
        (KnownAsNumber, "known_users", "known is of type int64, not bool"),
        (KnownAsColumn, "known_users", "known has the shape [4, 1], not [4]"),
        (KnowsEveryMovie, "similar_movies", "for 'serving-check-no-movie' known is True, not"),
        (KnowsNoMovie, "similar_movies", "known is False, not True"),
        (KnowsEveryHistory, "history", "for 'nobody' known is True, not False"),
        (UnknownGetsTastes, "unknown_users", "'nobody' does not get popular movies"),
        (FailsOnNothing, "empty_batch", "InvalidArgumentError"),
        (MixesUpLargeBatches, "large_batch", "scores differ from those of a small batch by"),
        (ExcludesNothing, "exclusions", "the tail after 7 movies is not filled"),
        (SimilarToItself, "similar_movies", "the tail after 11 movies is not filled"),
        (KeepsHistory, "history", "the tail after 10 movies is not filled"),
        (ExamplesOfAnotherModel, "examples", "top_movie_id and serving_raw: only"),
        (CountsTheCatalogueWrong, "examples", "catalogue_size is 11, the catalogue has 12 movies"),
        (TailOfZeros, "known_users", "the tail after 10 movies is not filled"),
        (FloatsOfDoubleWidth, "raw", "score is of type float64, not float32"),
    ],
)
def test_probe_finds_the_fault(model: type[TinyIndex], check: str, detail: str) -> None:
    actual = failures(model())
    assert detail in actual[check]


def test_probe_slow_model_fails_by_its_median() -> None:
    actual = failures(TinyIndex(), max_latency_ms=1e-6)
    assert list(actual) == ["latency"]
    assert "the median for one user is" in actual["latency"]


def test_dot_products_a_better_movie_that_is_missing_is_found() -> None:
    # In a catalogue of more than k movies nothing but this check can see what is not listed.
    probe = Probe(MissesTheBest(), request())
    probe.users, probe.seen = probe.users[:1], probe.seen[:1]
    with pytest.raises(module.CheckError, match="a better movie is missing"):
        module.check_dot_products(probe)


def test_verify_lists_seen_movie_of_a_large_catalogue_is_found() -> None:
    # 200 movies, lists of 100: no tail gives the seen movie away.
    catalogue = {f"m{number}": "title" for number in range(200)}
    probe = Probe(TinyIndex(), request(catalogue=catalogue))
    movies = np.array([[f"m{number}".encode() for number in range(100)]], object)
    answer = {
        "movie_id": movies,
        "title": np.full([1, 100], b"title", object),
        "score": np.linspace(1, 0, 100, dtype=np.float32)[np.newaxis],
        "known": np.array([True]),
    }
    probe.verify_lists(answer, [b"u"], [{b"m150"}], [True])
    with pytest.raises(module.CheckError, match="for 'u' 'm7' is listed, which was seen"):
        probe.verify_lists(answer, [b"u"], [{b"m7"}], [True])


def test_to_bytes_gives_back_bytes_that_are_no_text() -> None:
    odd = b"Am\xe9lie"
    assert module.to_bytes(odd.decode("utf-8", "surrogateescape")) == odd


class Requests:
    """Standard input with one request, which removes the model before it gives it."""

    def __init__(self, model: Path, answer: Path) -> None:
        self.model, self.answer = model, answer

    def readline(self) -> str:
        shutil.rmtree(self.model)
        return json.dumps({"request": request(), "answer": str(self.answer)}) + "\n"


def test_main_has_loaded_the_model_before_it_reads_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    TinyIndex().save(tmp_path / "model")
    monkeypatch.setattr(sys, "argv", ["probe.py", str(tmp_path / "model")])
    monkeypatch.setattr(sys, "stdin", Requests(tmp_path / "model", tmp_path / "answer.json"))
    module.main()
    answer = json.loads((tmp_path / "answer.json").read_text())
    assert [check for check in answer["checks"] if not check["passed"]] == []
    assert len(answer["checks"]) == len(CHECKS) + 1
    assert re.fullmatch(r"loaded in \d+\.\d s", answer["checks"][0]["detail"])
    assert answer["checks"][0]["name"] == "load"


def test_main_keeps_why_the_model_did_not_load_for_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.setattr(sys, "argv", ["probe.py", str(tmp_path / "model")])
    monkeypatch.setattr(sys, "stdin", Requests(tmp_path / "model", tmp_path / "answer.json"))
    module.main()
    answer = json.loads((tmp_path / "answer.json").read_text())
    ((name, passed, detail),) = (check.values() for check in answer["checks"])
    assert (name, passed, answer["latency_ms"]) == ("load", False, None)
    assert detail.startswith("OSError: SavedModel file does not exist")


class CalledSignature:
    """A signature that notes its calls, and refuses them if it is told to."""

    def __init__(self, error: Exception | None = None, **inputs: tf.TensorSpec) -> None:
        self.structured_input_signature = ((), inputs)
        self.error, self.calls = error, list[dict[str, Any]]()

    def __call__(self, **inputs: tf.Tensor) -> None:
        self.calls.append({name: value.numpy().tolist() for name, value in inputs.items()})
        if self.error:
            raise self.error


def test_warm_up_calls_each_signature_once_whatever_it_answers() -> None:
    refuses = CalledSignature(ValueError("no"), user_id=tf.TensorSpec([None], tf.string))
    answers = CalledSignature(
        movie_id=tf.TensorSpec([None, 2], tf.string), age=tf.TensorSpec([None], tf.int64)
    )
    module.warm_up(types.SimpleNamespace(signatures={"first": refuses, "second": answers}))
    assert refuses.calls == [{"user_id": [b""]}]
    assert answers.calls == [{"movie_id": [[b"", b""]], "age": [0]}]


def test_warm_up_of_a_model_without_signatures_does_nothing() -> None:
    module.warm_up(tf.Module())
