"""Recurring runs: made by Kubeflow's controller, and moved to a newer version of the pipeline."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.scenarios.world import VALUES, World

pytestmark = [pytest.mark.proves("runs"), pytest.mark.slow]


def test_recurring_run_is_made_by_kubeflow_s_own_controller(world: World, package: Path) -> None:
    world.cluster.submit(package, VALUES)
    before = world.cluster.workflow_names()
    options = ["--package", str(package), "--param", "epochs=3", "--no-catchup"]
    done = world.cluster.command("schedule", *options, "--cron", "* * * * * *")
    assert done.returncode == 0, done.stderr
    with world.cluster.scheduler():
        made = world.cluster.wait_for_workflow(before)
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


def test_schedule_stays_on_its_version_until_it_is_moved(world: World, package: Path) -> None:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = world.cluster.command(*arguments, "--package", str(package))
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    world.cluster.submit(package, {})
    command("schedule", "--cron", "0 3 1 1 *", "--param", "epochs=3")
    (old,) = world.cluster.objects.all("scheduledworkflows")
    stale = command("submit")
    assert "goes on with version movielens-" in stale.stderr
    assert "(not the newest: see --move)" in command("schedule", "--list").stdout
    moved = command("submit", "--move-schedule")
    assert "in its place runs the new" in moved.stdout
    (line,) = command("schedule", "--list").stdout.splitlines()
    assert line.split()[1:7] == ["0", "0", "3", "1", "1", "*"]
    assert line.endswith("(the newest)")
    # Kubernetes too has one, which differs from the old one by its version.
    (new,) = world.cluster.objects.all("scheduledworkflows")
    (old_version, old_rest), (new_version, new_rest) = map(divided, (old, new))
    assert old_version != new_version
    assert old_rest == new_rest
    command("schedule", "--delete")
    assert world.cluster.objects.all("scheduledworkflows") == []


def divided(scheduled: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Returns the version that a recurring run names, and what else it says."""
    spec = dict(scheduled["spec"])
    spec["workflow"] = spec["workflow"]["parameters"]
    del spec["pipelineName"]  # it is the name of the version
    return spec.pop("pipelineVersionId"), spec


def tasks(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    templates = workflow["spec"]["templates"]
    return [task for one in templates for task in one.get("dag", {}).get("tasks", [])]
