"""What TFMA hands in for one user, and the keys under which it looks for what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from components.evaluator import totals
from components.evaluator.tfma_metric import (
    RetrievalMetrics,
    TotalsCombineFn,
    UserPreprocessor,
    metric_key,
)


def predictions(top: list[bytes]) -> dict[str, np.ndarray]:
    lists = {name: np.array(top, object) for name in totals.LISTS.values()}
    return {**lists, "known_user": np.array([1]), "catalogue_size": np.array([8])}


def extracts(labels: Any, predicted: Any) -> dict[str, Any]:
    return {
        "features": {"user_id": np.array([b"u1"], object)},
        "labels": labels,
        "predictions": predicted,
    }


def column(user: totals.UserResult, name: str) -> float:
    return float(user.sums[totals.COLUMNS.index(name)])


def test_user_preprocessor_of_one_model() -> None:
    labels = np.array([b"b", b"x"], object)
    [user] = UserPreprocessor("").process(extracts(labels, predictions([b"a", b"b"])))
    assert (column(user, "interactions"), column(user, "top_5"), column(user, "top_1")) == (2, 1, 0)
    assert user.catalogue_size == 8
    assert user.recommended == ([b"a", b"b"], [b"a", b"b"])


def test_user_preprocessor_takes_the_predictions_of_its_own_model() -> None:
    labels = np.array([b"b"], object)
    both = extracts(
        {"candidate": labels, "baseline": labels},
        {"candidate": predictions([b"b"]), "baseline": predictions([b"a"])},
    )
    actual = {
        model: column(*UserPreprocessor(model).process(both), "top_1")
        for model in ("candidate", "baseline")
    }
    assert actual == {"candidate": 1, "baseline": 0}


@pytest.mark.parametrize("labels", [None, np.array([], object), np.array([None], object)])
def test_user_preprocessor_passes_over_users_without_held_out(labels: Any) -> None:
    assert not list(UserPreprocessor("").process(extracts(labels, predictions([b"a"]))))


@pytest.mark.parametrize(
    ("weighted", "weights", "expected"),
    [
        # b is on place 2, x in no list: 3 of 4, times two interactions.
        (True, np.array([3.0, 1.0], np.float32), 1.5),
        (False, np.array([3.0, 1.0], np.float32), 1.0),
        (True, None, 1.0),
        (True, np.array([], np.float32), 1.0),
    ],
)
def test_user_preprocessor_reads_weights_where_asked_and_present(
    weighted: bool, weights: Any, expected: float
) -> None:
    given = extracts(np.array([b"b", b"x"], object), predictions([b"a", b"b"]))
    if weights is not None:
        given["features"]["weight"] = weights
    [user] = UserPreprocessor("", weighted).process(given)
    assert column(user, "top_5") == pytest.approx(expected)


def test_combine_fn_gives_every_metric_that_the_computation_announces() -> None:
    metric = RetrievalMetrics(bootstrap_samples=5, confidence=0.9)
    [one, other] = metric.computations(model_names=["candidate", "baseline"])
    # TFMA drops one of two computations that it takes for the same.
    assert one != other
    combiner = one.combiner
    values = combiner.extract_output(combiner.create_accumulator())
    assert list(values) == one.keys
    assert {key.model_name for key in values} == {"candidate"}


def test_combine_fn_merges_accumulators() -> None:
    combiner = TotalsCombineFn("", samples=0, confidence=0.95)
    labels = np.array([b"a"], object)
    [user] = UserPreprocessor("").process(extracts(labels, predictions([b"a"])))
    parts = [combiner.add_input(combiner.create_accumulator(), user) for _ in range(3)]
    values = combiner.extract_output(combiner.merge_accumulators(parts))
    assert values[metric_key("users", "")] == 3
    assert values[metric_key("top_1_accuracy", "")] == 1.0


def test_retrieval_metrics_survives_tfmas_own_serialisation() -> None:
    settings = RetrievalMetrics(bootstrap_samples=7, confidence=0.8).get_config()
    again = RetrievalMetrics.from_config(settings)
    assert again.get_config() == {
        "name": "retrieval",
        "bootstrap_samples": 7,
        "confidence": 0.8,
        "weighted": False,
    }
