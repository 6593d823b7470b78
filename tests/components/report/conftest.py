"""A small run, all parts known; its figures are those that the tests expect."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from components.evaluator.result import EvaluationResult, GateDecision
from components.report.facts import (
    Facts,
    InputArtifact,
    MovieSample,
    QueryResults,
    Ratings,
    UserSample,
)
from components.report.page import charts
from components.serving_check.result import Check, ServingCheckResult

HOSTILE = "<script>alert('$x$ & \"y\"')</script>"


@pytest.fixture
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws nothing: for tests of what stands around the charts."""
    for name in ("bar_chart", "line_chart", "dot_chart", "row_chart"):
        monkeypatch.setattr(charts, name, lambda *_, **__: Markup("<svg></svg>"))


def _metrics(top_100: float) -> dict[str, float]:
    metrics = {"users": 3.0, "interactions": 6.0, "coverage_at_100": 0.5}
    for kind in ("", "unseen_"):
        for k in (1, 5, 10, 50, 100):
            metrics[f"{kind}top_{k}_accuracy"] = top_100 * k / 100
            metrics[f"{kind}popularity_top_{k}_accuracy"] = 0.2 * k / 100
        metrics[f"{kind}top_100_accuracy_ci_lower"] = top_100 - 0.1
        metrics[f"{kind}top_100_accuracy_ci_upper"] = top_100 + 0.1
        metrics[f"{kind}popularity_ratio"] = top_100 / 0.2
    return metrics


def _decision(name: str, value: float, threshold: float) -> GateDecision:
    reason = f"{name} is {value}, at least {threshold} is required"
    return GateDecision(name, value, threshold, value >= threshold, reason)


@pytest.fixture(scope="session")
def facts() -> Facts:
    movies = {"m1": HOSTILE, "m2": "Second (1999)", "m3": "", "m4": "Fourth (2001)"}
    return Facts(
        pipeline="demo",
        written="2020-01-02 03:04 UTC",
        summary={
            "layout": "ml-1m",
            "files": {"ratings.dat": 2048},
            "rows": 12,
            "ratings": 10,
            "users": 3,
            "movies": 4,
            "rated_movies": 3,
            "splits": {
                "train": {"users": 3, "interactions": 6},
                "eval": {"users": 2, "interactions": 4},
            },
            "dropped": {"rating_out_of_range": 2},
            "examples_of_dropped": {"rating_out_of_range": "ratings.dat:7: u1::m1::9"},
            "rating_histogram": {"5": 5, "4": 4, "10": 1},
            "first_timestamp": 0,
            "last_timestamp": 86400,
        },
        anomalies=[],
        history={
            "config": {"epochs": 2},
            "data": {"validation_users": 1, "validation_interactions": 2},
            "epochs": [
                {"epoch": 1, "loss": 7.5, "seconds": 2.0},
                {"epoch": 2, "loss": 6.5, "seconds": 1.0, "val_unseen_top_100_accuracy": 0.4},
            ],
            "seconds": {"read": 0.5, "fit": 3.0},
        },
        verdict=EvaluationResult(
            metrics=_metrics(0.4),
            live=_metrics(0.35),
            decisions=[
                _decision("top_100_accuracy", 0.4, 0.22),
                _decision("top_100_accuracy_change", 0.05, -0.005),
            ],
            slices={
                "activity=100-199": {"model": _metrics(0.3), "live": _metrics(0.2)},
                "activity=20-49": {"model": _metrics(0.5), "live": _metrics(0.2)},
                f"gender={HOSTILE}": {"model": _metrics(0.6)},
            },
        ),
        check=ServingCheckResult((Check("load", True, "loaded in 1 s"),), 1.25, 9.0),
        live_version="17",
        ratings=Ratings(["u1", "u2", "u3"], [1, 2, 3], {"m1": 3, "m2": 2, "m3": 1}, movies),
        query_results=QueryResults(
            users=[
                UserSample(
                    "u1",
                    {"gender": "F"},
                    [("m1", 5.0)],
                    frozenset({"m2"}),
                    ["m2", "m3"],
                    "m1",
                    ["m3", "m2"],
                )
            ],
            movies=[MovieSample("m1", [("m2", 0.75), ("m4", 0.5)])],
            recommended={"m1": 1, "m2": 3},
            measured_users=2,
            list_length=2,
        ),
        artifacts=[InputArtifact("examples", "Examples", 3, "/root/examples/3")],
        versions={"tfx": "1.16.0"},
    )
