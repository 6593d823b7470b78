"""Whether a scheduled run has anything to do."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pipeline.config.settings import PipelineConfig, load_config
from pipeline.local.commands.rollback import roll_back
from pipeline.local.run.plan import run_key
from pipeline.local.scheduling.nothing_new import nothing_new
from pipeline.local.workspace import history
from pipeline.local.workspace.intents import Intent, settle
from pipeline.local.workspace.schema_file import stage_schema
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.synthetic import push

CONFIG = PipelineConfig()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "ratings.csv").write_text("user,movie,rating,timestamp\n1,1,5,1\n")
    return folder


@pytest.fixture
def workspace(tmp_path: Path, data: Path) -> Workspace:
    """Version 1 was pushed from the data as they are."""
    workspace = Workspace(tmp_path / "runs", "p")
    push(workspace, "1", run_key=run_key(CONFIG, data, stage_schema(workspace, CONFIG)))
    return workspace


def test_nothing_new_where_all_is_as_it_was(workspace: Workspace, data: Path) -> None:
    assert nothing_new(workspace, CONFIG, data).startswith("nothing new since the run of 2026-")


def test_nothing_new_is_empty_before_the_first_run(tmp_path: Path, data: Path) -> None:
    assert nothing_new(Workspace(tmp_path / "new", "p"), CONFIG, data) == ""


def test_new_data_are_news(workspace: Workspace, data: Path) -> None:
    os.utime(data / "ratings.csv", ns=(1, 1))
    assert nothing_new(workspace, CONFIG, data) == ""


def test_other_settings_are_news(workspace: Workspace, data: Path) -> None:
    assert nothing_new(workspace, load_config(assignments=["trainer.seed=9"]), data) == ""
    quiet = load_config(assignments=["retention.keep_versions=2"])
    assert nothing_new(workspace, quiet, data) != ""


def test_a_model_that_is_gone_is_news(workspace: Workspace, data: Path) -> None:
    shutil.rmtree(workspace.serving)
    assert nothing_new(workspace, CONFIG, data) == ""


def test_a_refused_model_is_not_tried_again(workspace: Workspace, data: Path) -> None:
    shutil.rmtree(workspace.serving)
    (entry,) = history.read_entries(workspace.history)
    history.append_entry(workspace.history, {**entry, "status": "refused", "pushed": None})
    assert "(refused)" in nothing_new(workspace, CONFIG, data)


def test_a_push_that_is_not_recorded_yet_is_news(workspace: Workspace, data: Path) -> None:
    intent = Intent(workspace)
    intent.write({"status": "pushed", "pushed": {"version": "2"}})
    intent.release()
    assert nothing_new(workspace, CONFIG, data) == ""
    settle(workspace)
    assert nothing_new(workspace, CONFIG, data) != ""


def test_a_rollback_is_no_news(workspace: Workspace, data: Path) -> None:
    push(workspace, "2", run_key=history.read_entries(workspace.history)[0]["run_key"])
    (workspace.serving / "2" / "saved_model.pb").write_text("another")
    roll_back(workspace, "1", "complaints")
    assert "(pushed)" in nothing_new(workspace, CONFIG, data)


def test_data_that_cannot_be_read_are_for_the_run_to_tell(workspace: Workspace) -> None:
    config = load_config(assignments=["schema.path=none.pbtxt"])
    assert nothing_new(workspace, config, workspace.root / "none") == ""
