"""Runs that end at their first step, and runs that a schedule makes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cluster.argo import FAILED, OMITTED
from tests.conformance.scenarios.conftest import finish
from tests.conformance.scenarios.world import VALUES, World

pytestmark = [pytest.mark.proves("runs"), pytest.mark.slow]

WAIT_SECONDS = 600


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


@pytest.mark.parametrize(
    ("name", "value"), [("epochs", 20), ("min_top_100_accuracy", "a lot"), ("nope", "1")]
)
def test_api_server_refuses_a_run_parameter_of_another_type(
    world: World, package: Path, name: str, value: object
) -> None:
    created = world.cluster.submit(package, VALUES)
    run_id = created["metadata"]["labels"]["pipeline/runid"]
    newest = world.cluster.get(f"runs/{run_id}")["pipeline_version_reference"]
    body = {
        "display_name": "by hand",
        "pipeline_version_reference": newest,
        "runtime_config": {"parameters": {name: value}},
    }
    code, answer = world.cluster.try_post("runs", body)
    assert code == 400
    assert name in json.dumps(answer)


def test_recurring_run_is_made_by_kubeflow_s_own_controller(world: World, package: Path) -> None:
    world.cluster.submit(package, VALUES)
    before = {one["metadata"]["name"] for one in world.cluster.objects.all("workflows")}
    options = ["--package", str(package), "--param", "epochs=3", "--no-catchup"]
    done = world.cluster.command("schedule", *options, "--cron", "* * * * * *")
    assert done.returncode == 0, done.stderr
    with world.cluster.scheduler():
        made = wait_for_workflow(world, before)
        disabled = world.cluster.command("schedule", "--package", str(package), "--disable")
    assert disabled.returncode == 0, disabled.stderr
    (driver,) = [one for one in tasks(made) if one["name"] == "root-driver"]
    given = {one["name"]: one["value"] for one in driver["arguments"]["parameters"]}
    values = json.loads(given["runtime-config"])["parameterValues"]
    assert values["epochs"] == "3"
    assert values["settings"] == "none"  # a default of the version
    world.cluster.tell(made["metadata"]["name"], {"phase": "Running"})
    run = world.cluster.get(f"runs/{made['metadata']['labels']['pipeline/runid']}")
    assert run["recurring_run_id"]


def tasks(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    templates = workflow["spec"]["templates"]
    return [task for one in templates for task in one.get("dag", {}).get("tasks", [])]


def wait_for_workflow(world: World, before: set[str]) -> dict[str, Any]:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        for one in world.cluster.objects.all("workflows"):
            if one["metadata"]["name"] not in before:
                return one
        time.sleep(0.2)
    log = (world.cluster.folder / "scheduler.log").read_text()
    raise AssertionError(f"no workflow within {WAIT_SECONDS} s: {log[-3000:]}")
