"""The baseline of a run, and its key."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from components.example_gen.config import DataConfig
from pipeline.config.settings import PipelineConfig, load_config
from pipeline.local.run.plan import data_fingerprint, make_plan, run_key
from tests.pipeline.local.synthetic import write_model

PUSHED = {
    "status": "pushed",
    "run_key": "same",
    "pushed": {"version": "7"},
    "baseline_version": "6",
    "push_token": "token",
}


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    """Versions 6 and 7 are there, 7 is live."""
    write_model(tmp_path / "serving" / "6")
    write_model(tmp_path / "serving" / "7")
    return tmp_path / "serving"


def test_make_plan_measures_against_the_live_model(serving: Path) -> None:
    plan = make_plan([PUSHED], "another", serving)
    assert (plan.baseline_version, plan.repeated, plan.settled) == ("7", "", "")
    assert plan.push_token != "token"


def test_make_plan_repeats_a_run_whose_model_is_live(serving: Path) -> None:
    plan = make_plan([PUSHED], "same", serving)
    assert (plan.baseline_version, plan.push_token, plan.repeated) == ("6", "token", "7")
    assert plan.settled == ""


def test_make_plan_pushes_again_when_the_version_is_gone(tmp_path: Path) -> None:
    plan = make_plan([PUSHED], "same", tmp_path / "none")
    assert (plan.baseline_version, plan.repeated) == ("", "")
    assert plan.push_token != "token"


def test_make_plan_is_settled_when_the_baseline_was_cleaned_away(serving: Path) -> None:
    shutil.rmtree(serving / "6")
    plan = make_plan([PUSHED], "same", serving)
    assert plan.settled == "nothing changed since version 7 was pushed"
    assert (plan.repeated, plan.earlier) == ("7", PUSHED)


def test_make_plan_without_cache_measures_against_what_is_there(serving: Path) -> None:
    assert make_plan([PUSHED], "same", serving, enable_cache=False).baseline_version == "6"
    shutil.rmtree(serving / "6")
    plan = make_plan([PUSHED], "same", serving, enable_cache=False)
    assert (plan.baseline_version, plan.settled) == ("7", "")


OLD = {**PUSHED, "run_key": "old", "pushed": {"version": "6"}, "baseline_version": ""}
ROLLBACK = {
    **OLD,
    "status": "rolled_back",
    "reason": "too many horror films",
    "pushed": {"version": "8"},
    "copy_of": "6",
    "replaced": "7",
}


def test_make_plan_does_not_undo_a_rollback(serving: Path) -> None:
    write_model(serving / "8")
    plan = make_plan([OLD, PUSHED, ROLLBACK], "same", serving)
    assert "version 7" in plan.settled
    assert "too many horror films" in plan.settled
    assert plan.repeated == ""
    assert make_plan([OLD, PUSHED, ROLLBACK], "same", serving, enable_cache=False).settled == ""


def test_make_plan_after_a_rollback_lets_new_data_pass(serving: Path) -> None:
    write_model(serving / "8")
    plan = make_plan([OLD, PUSHED, ROLLBACK], "new", serving)
    assert (plan.baseline_version, plan.settled) == ("8", "")


def test_make_plan_after_a_rollback_repeats_the_run_of_the_older_model(serving: Path) -> None:
    write_model(serving / "8")
    plan = make_plan([OLD, PUSHED, ROLLBACK], "old", serving)
    assert (plan.baseline_version, plan.push_token, plan.repeated) == ("", "token", "8")


def test_make_plan_keeps_a_rollback_behind_another_in_force(serving: Path) -> None:
    write_model(serving / "9")
    second = {**ROLLBACK, "pushed": {"version": "9"}, "copy_of": "5", "replaced": "8"}
    second["run_key"] = "oldest"
    entries = [OLD, PUSHED, ROLLBACK, second]
    # 9 took the place of 8 (a copy of 6), which took that of 7: neither comes back by itself.
    assert make_plan(entries, "same", serving).earlier == ROLLBACK
    assert make_plan(entries, "old", serving).earlier == second


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "ratings.csv").write_text("user,movie,rating,timestamp\n")
    return folder


def test_data_fingerprint_changes_with_the_files(data: Path) -> None:
    first = data_fingerprint(data, DataConfig())
    assert data_fingerprint(data, DataConfig()) == first
    os.utime(data / "ratings.csv", ns=(1, 1))
    second = data_fingerprint(data, DataConfig())
    (data / "movies.csv").write_text("id,title\n1,A\n")
    third = data_fingerprint(data, DataConfig())
    assert len({first, second, third}) == 3
    (data / "notes.txt").write_text("read by nobody")
    assert data_fingerprint(data, DataConfig()) == third


def test_data_fingerprint_changes_with_the_spans_that_are_read(tmp_path: Path) -> None:
    newest = DataConfig(window=1)

    def arrive(folder: str) -> str:
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "ratings.csv").write_text("user,movie,rating,timestamp\n")
        return data_fingerprint(tmp_path, newest)

    first = arrive("span-2")
    assert arrive("span-1") == first  # late, and not the newest
    corrected = arrive("span-2/v2")
    assert len({first, corrected, arrive("span-3")}) == 3


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
    quiet = load_config(assignments=["retention.keep_versions=1", "notify.timeout_seconds=9"])
    assert run_key(quiet, data, schema) == run_key(plain, data, schema)
