"""The commands on the served folder: runs of one step, whose answer comes from the pod's log."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conformance.scenarios.conftest import Finished
from tests.conformance.scenarios.world import S3_ROOT, World, read_addresses

pytestmark = [pytest.mark.proves("runs"), pytest.mark.slow]


def test_models_lists_the_versions(world: World, elsewhere: Path, second: Finished) -> None:
    done = world.cluster.carry_out("models", "--package", str(elsewhere), "--json")
    assert done.returncode == 0, done.stderr
    newest_first = world.versions()[::-1]
    assert [one["version"] for one in json.loads(done.stdout)] == newest_first
    run_id = world.cluster.runs[-1].workflow["metadata"]["labels"]["pipeline/runid"]
    assert read_addresses(run_id)["Models.answer"].startswith(f"{S3_ROOT}/")


def test_rollback_makes_the_version_before_live_as_a_copy(
    world: World, elsewhere: Path, second: Finished
) -> None:
    *_, older, live = before = world.versions()
    done = world.cluster.carry_out(
        "rollback", "--package", str(elsewhere), "--reason", "it's worse"
    )
    assert done.returncode == 0, done.stderr
    (new,) = set(world.versions()) - set(before)
    assert f"version {new}, a copy of {older}, is live in place of {live}" in done.stdout
    entry = json.loads(world.history().splitlines()[-1])
    assert (entry["copy_of"], entry["replaced"]) == (older, live)
    assert entry["reason"] == "it's worse"


def test_recommend_writes_to_the_volume(world: World, elsewhere: Path, second: Finished) -> None:
    options = ["--users=1,2", "--output=/mnt/models/lists/new.parquet", "--k=3"]
    (world.models / "lists").mkdir(mode=0o777)
    (world.models / "lists").chmod(0o777)
    done = world.cluster.carry_out("recommend", "--package", str(elsewhere), *options)
    assert done.returncode == 0, done.stderr
    rows = pq.read_table(world.models / "lists" / "new.parquet").to_pylist()
    assert [row["user"] for row in rows] == ["1"] * 3 + ["2"] * 3


def test_command_that_fails_says_why(world: World, elsewhere: Path, second: Finished) -> None:
    options = ["--users=/mnt/models/nobody.txt", "--output=/mnt/models/lists/none.parquet"]
    done = world.cluster.carry_out("recommend", "--package", str(elsewhere), *options)
    assert done.returncode == 1
    assert "error: the run failed on the cluster: " in done.stderr
    assert "/mnt/models/nobody.txt" in done.stderr
