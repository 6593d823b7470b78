"""The commands on the served folder: runs of one step, whose answer comes from the pod's log."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conformance.scenarios.conftest import Finished
from tests.conformance.scenarios.world import S3_ROOT, World, read_addresses

pytestmark = [pytest.mark.proves("runs"), pytest.mark.slow]


Answer = subprocess.CompletedProcess[str]


@dataclasses.dataclass
class Answers:
    """What the commands that change nothing answered; they were run at the same time."""

    versions: list[str]
    models: Answer
    lists: Answer
    failed: Answer


@pytest.fixture(scope="module")
def answers(world: World, elsewhere: Path, second: Finished) -> Answers:
    """The answers, and the versions that were there."""
    (world.models / "lists").mkdir(mode=0o777)
    (world.models / "lists").chmod(0o777)
    package = ("--package", str(elsewhere))
    new, none = ("--output=/mnt/models/lists/" + name for name in ("new.parquet", "none.parquet"))
    done = world.cluster.carry_out_all(
        ("recommend", *package, "--users=1,2", new, "--k=3"),
        ("models", *package, "--json"),
        ("recommend", *package, "--users=/mnt/models/nobody.txt", none),
    )
    lists, models, failed = done
    return Answers(world.versions(), models, lists, failed)


def test_models_lists_the_versions(world: World, answers: Answers) -> None:
    assert answers.models.returncode == 0, answers.models.stderr
    newest_first = answers.versions[::-1]
    assert [one["version"] for one in json.loads(answers.models.stdout)] == newest_first
    (run,) = (run for run in world.cluster.runs if "/root/Models" in run.nodes)
    run_id = run.workflow["metadata"]["labels"]["pipeline/runid"]
    assert read_addresses(run_id)["Models.answer"].startswith(f"{S3_ROOT}/")


def test_recommend_writes_to_the_volume(world: World, answers: Answers) -> None:
    assert answers.lists.returncode == 0, answers.lists.stderr
    rows = pq.read_table(world.models / "lists" / "new.parquet").to_pylist()
    assert [row["user"] for row in rows] == ["1"] * 3 + ["2"] * 3


def test_command_that_fails_says_why(answers: Answers) -> None:
    assert answers.failed.returncode == 1
    assert "error: the run failed on the cluster: " in answers.failed.stderr
    assert "/mnt/models/nobody.txt" in answers.failed.stderr


def test_rollback_makes_the_version_before_live_as_a_copy(
    world: World, elsewhere: Path, answers: Answers
) -> None:
    *_, older, live = before = world.versions()
    assert before == answers.versions
    done = world.cluster.carry_out(
        "rollback", "--package", str(elsewhere), "--reason", "it's worse"
    )
    assert done.returncode == 0, done.stderr
    (new,) = set(world.versions()) - set(before)
    assert f"version {new}, a copy of {older}, is live in place of {live}" in done.stdout
    entry = json.loads(world.history().splitlines()[-1])
    assert (entry["copy_of"], entry["replaced"]) == (older, live)
    assert entry["reason"] == "it's worse"
