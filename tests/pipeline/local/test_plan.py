"""The baseline of a run, and its key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.config import PipelineConfig, load_config
from pipeline.local.plan import data_fingerprint, make_plan, run_key

PUSHED = {
    "run_key": "same",
    "pushed": {"version": "7"},
    "baseline_version": "6",
    "push_token": "token",
}


def test_make_plan_measures_against_the_live_model() -> None:
    plan = make_plan([PUSHED], "another", "7")
    assert (plan.baseline_version, plan.repeated) == ("7", "")
    assert plan.push_token != "token"


def test_make_plan_repeats_a_run_whose_model_is_live() -> None:
    plan = make_plan([PUSHED], "same", "7")
    assert (plan.baseline_version, plan.push_token, plan.repeated) == ("6", "token", "7")


def test_make_plan_pushes_again_when_the_version_is_gone() -> None:
    plan = make_plan([PUSHED], "same", "")
    assert (plan.baseline_version, plan.repeated) == ("", "")
    assert plan.push_token != "token"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "ratings.csv").write_text("user,movie,rating,timestamp\n")
    return folder


def test_data_fingerprint_changes_with_the_files(data: Path) -> None:
    first = data_fingerprint(data)
    assert data_fingerprint(data) == first
    os.utime(data / "ratings.csv", ns=(1, 1))
    second = data_fingerprint(data)
    (data / "movies.csv").write_text("x")
    assert len({first, second, data_fingerprint(data)}) == 3


def test_run_key_changes_with_settings_and_schema(data: Path, tmp_path: Path) -> None:
    schema, other = tmp_path / "a.pbtxt", tmp_path / "b.pbtxt"
    schema.write_text("")
    other.write_text("# other")
    plain = PipelineConfig()
    changed = load_config(assignments=["trainer.epochs=1"])
    keys = {
        run_key(plain, data, schema),
        run_key(changed, data, schema),
        run_key(plain, data, other),
    }
    assert len(keys) == 3
    assert run_key(plain, data, schema) in keys
