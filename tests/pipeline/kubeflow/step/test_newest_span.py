"""The newest span on Kubeflow: nothing to do where a run reads one span."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.kubeflow.step import newest_span


@pytest.fixture
def message(tmp_path: Path) -> dict[str, Any]:
    """ExecutorInput of a step with one output, and an input that stands for nothing."""
    folder = tmp_path / "examples"
    folder.mkdir()
    return {
        "inputs": {"artifacts": {"examples": {"artifacts": [{"metadata": {"absent": 1.0}}]}}},
        "outputs": {"artifacts": {"examples": {"artifacts": [{"uri": str(folder)}]}}},
    }


def values(root: Path, spans: int, **changed: str) -> dict[str, Any]:
    for number in range(spans):
        folder = root / f"span-{number}"
        folder.mkdir(parents=True)
        (folder / "ratings.dat").write_bytes(b"1::2::3::4\n")
    form = {"preset": "default", "settings": "none", "span_window": "all"}
    return {"input_base": str(root), "base_settings": "{}", **form, **changed}


@pytest.mark.parametrize(
    ("spans", "changed", "superfluous"),
    [
        (2, {}, False),
        (1, {}, True),
        (3, {"span_window": "2"}, False),
        (3, {"span_window": "1"}, True),
        (2, {"settings": "drift.newest_span=false"}, True),
    ],
)
def test_newest_span_is_superfluous_in_a_run_of_one_span(
    tmp_path: Path, spans: int, changed: dict[str, str], superfluous: bool
) -> None:
    given = values(tmp_path / "data", spans, **changed)
    assert newest_span.is_superfluous("NewestSpan", given, {}) is superfluous


def test_newest_statistics_follow_their_input(message: dict[str, Any]) -> None:
    assert newest_span.is_superfluous("NewestStatistics", {}, message)
    message["inputs"]["artifacts"]["examples"]["artifacts"][0]["metadata"] = {}
    assert not newest_span.is_superfluous("NewestStatistics", {}, message)


def test_no_other_step_is_superfluous(message: dict[str, Any]) -> None:
    assert not newest_span.is_superfluous("Drift", {}, message)


def test_absent_outputs_are_marked_and_leave_a_file(message: dict[str, Any]) -> None:
    uri = message["outputs"]["artifacts"]["examples"]["artifacts"][0]["uri"]
    marked = {"artifacts": [{"uri": uri, "metadata": {"absent": 1}}]}
    assert newest_span.absent_outputs(message) == {"artifacts": {"examples": marked}}
    assert (Path(uri) / "ABSENT").is_file()
