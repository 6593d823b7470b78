"""Runs that end at their first step, and runs that are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cluster.argo import FAILED, OMITTED
from tests.conformance.scenarios.conftest import finish
from tests.conformance.scenarios.world import VALUES, World

pytestmark = [pytest.mark.proves("runs"), pytest.mark.slow]


def test_wrong_run_parameter_fails_the_first_step_with_the_reason(
    world: World, package: Path
) -> None:
    ended = finish(world, package, {**VALUES, "preset": "notebok-32"})
    step = ended.run.step("ExampleGen")
    assert (ended.run.phase, step.phase) == (FAILED, FAILED)
    assert "did you mean notebook-32?" in step.message
    assert ended.run.nodes["/root/StatisticsGen"].phase == OMITTED


def test_bad_data_fails_the_first_step_with_the_reason(world: World, package: Path) -> None:
    folder = world.data / "broken" / "span-0"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("not a rating\n")
    ended = finish(world, package, {**VALUES, "data_root": "/mnt/data/broken"})
    step = ended.run.step("ExampleGen")
    assert (ended.run.phase, step.phase) == (FAILED, FAILED)
    assert step.message.startswith("ExampleGen: data root /mnt/data/broken")
    assert ended.run.nodes["/root/StatisticsGen"].phase == OMITTED


@pytest.fixture(scope="module")
def submitted(world: World, package: Path) -> dict[str, Any]:
    """The version of a run that is submitted, and not run."""
    labels = world.cluster.submit(package, VALUES)["metadata"]["labels"]
    return world.cluster.get(f"runs/{labels['pipeline/runid']}")["pipeline_version_reference"]


@pytest.mark.parametrize(
    ("name", "value"), [("epochs", 20), ("min_top_100_accuracy", "a lot"), ("nope", "1")]
)
def test_api_server_refuses_a_run_parameter_of_another_type(
    world: World, submitted: dict[str, Any], name: str, value: object
) -> None:
    body = {
        "display_name": "by hand",
        "pipeline_version_reference": submitted,
        "runtime_config": {"parameters": {name: value}},
    }
    code, answer = world.cluster.try_post("runs", body)
    assert code == 400
    assert name in json.dumps(answer)
