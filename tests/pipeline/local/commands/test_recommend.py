"""Batches of recommendations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import local_runner
from components.errors import ConfigError
from pipeline.config.beam import BeamConfig
from pipeline.local.commands import batch_inference
from pipeline.local.commands.batch_inference import SCHEMA, to_table
from pipeline.local.commands.recommend import check_output, log_path, recommend
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.tiny_model import save


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("runs"), "p")
    save(workspace.serving / "1")
    return workspace


def _rows(path: Path) -> list[tuple[str, int, str, str, float]]:
    table = pq.read_table(path).to_pylist()
    return sorted((r["user"], r["rank"], r["movie"], r["title"], r["score"]) for r in table)


def _expected(*users: str) -> list[tuple[str, int, str, str, float]]:
    return [
        row
        for user in users
        for row in ((user, 1, f"{user}-a", "Alpha", 2.0), (user, 2, f"{user}-b", "Bêta", 1.0))
    ]


def test_to_table_takes_k_and_leaves_out_empty_places() -> None:
    answer = {
        "movie_id": np.array([[b"a", b"b", b"c"], [b"d", b"", b""]], object),
        "title": np.array([[b"A", b"B", b"C"], [b"D", b"", b""]], object),
        "score": np.array([[3, 2, 1], [9, -1, -1]], np.float32),
    }
    table = to_table(["x", "y"], answer, k=2)
    assert table.schema.equals(SCHEMA)
    assert table.to_pydict() == {
        "user": ["x", "x", "y"],
        "rank": [1, 2, 1],
        "movie": ["a", "b", "d"],
        "title": ["A", "B", "D"],
        "score": [3.0, 2.0, 9.0],
    }


def test_recommend_writes_one_file(
    workspace: Workspace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "deep" / "out.parquet"
    assert recommend(workspace, "2,99", output, 100, BeamConfig()) == 0
    assert _rows(output) == _expected("2", "99")
    assert pq.read_schema(output).equals(SCHEMA, check_metadata=False)
    assert [path.name for path in output.parent.iterdir()] == ["out.parquet"]
    assert "2 users (1 unknown: popular movies) × 100" in capfd.readouterr().out


def test_recommend_all_to_a_folder_in_batches(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_inference, "_BATCH", 2)
    output = tmp_path / "out"
    output.mkdir()
    pq.write_table(pa.table({"old": [1]}), output / "part-of-yesterday.parquet")
    assert recommend(workspace, "all", output, 1, BeamConfig()) == 0
    assert _rows(output) == [row for row in _expected("1", "2", "3") if row[1] == 1]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_recommend_that_fails_keeps_the_earlier_output(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.parquet"
    output.write_text("yesterday's")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(batch_inference, "write_recommendations", fail)
    with pytest.raises(OSError, match="No space left"):
        recommend(workspace, "all", output, 1, BeamConfig())
    assert output.read_text() == "yesterday's"
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]


def test_recommend_before_the_first_push(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing is live"):
        recommend(Workspace(tmp_path, "p"), "all", tmp_path / "out", 1, BeamConfig())


def test_check_output_refuses_what_is_no_earlier_output(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ConfigError, match=r"holds thesis\.tex"):
        check_output(tmp_path)
    with pytest.raises(ConfigError, match="is a file"):
        check_output(tmp_path / "thesis.tex")
    (tmp_path / "x.parquet").mkdir()
    with pytest.raises(ConfigError, match="is a folder"):
        check_output(tmp_path / "x.parquet")
    check_output(tmp_path / "new")
    check_output(tmp_path / "new.parquet")


@pytest.mark.parametrize("output", ["x" * 300, "x" * 300 + ".parquet", "x/" * 3000])
def test_recommend_refuses_names_that_are_too_long(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    line = ["recommend", "--users", "1", "--output", output]
    place = ["--output-root", str(workspace.root), "--pipeline-name", workspace.name]
    assert local_runner.main([*line, *place]) == 2
    error = capsys.readouterr().err
    assert "longer than the names that the file system takes" in error
    assert error.count("\n") == 1


def test_recommend_refuses_unknown_beam_options(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no option --foo"):
        recommend(workspace, "1", tmp_path / "out", 2, BeamConfig(args=("--foo=1",)))


@pytest.mark.parametrize(
    "output", ["g[a]*.parquet", "g?.parquet", "o[a]/x.parquet", "{g,h}.parquet", "f[a]*", "a\\b"]
)
def test_recommend_output_is_a_path_and_no_pattern(
    workspace: Workspace, tmp_path: Path, output: str
) -> None:
    # What a pattern would find, and Beam's writer would remove.
    (tmp_path / "o[a]").mkdir()
    for name in ("ga.parquet", "ga-1.parquet", "gab.parquet", "oa/x.parquet", "fa/part-1.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("another output")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    for _ in range(2):  # the second replaces the first
        assert recommend(workspace, "2", tmp_path / output, 2, BeamConfig()) == 0
    assert _rows(tmp_path / output) == _expected("2")
    assert all(path.read_text() == "another output" for path in before)
    written = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert all(path == tmp_path / output or path.parent == tmp_path / output for path in written)


@pytest.mark.parametrize("name", ["out*", "r[1]", "o?t", "a\\b"])
def test_recommend_refuses_an_output_root_that_is_a_pattern(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="--output-root"):
        recommend(Workspace(tmp_path / name, "p"), "2", tmp_path / "x.parquet", 2, BeamConfig())


def test_log_path_is_in_the_logs(tmp_path: Path) -> None:
    log = log_path(Workspace(tmp_path, "p"))
    assert log == tmp_path / "logs" / "p-recommend.log"
    log.touch()
    assert log_path(Workspace(tmp_path, "p")) == log


def test_log_path_is_elsewhere_for_whoever_may_only_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file where the folder should be stands for one that cannot be written, for root too.
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "logs").touch()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    log = log_path(Workspace(tmp_path / "runs", "p"))
    assert log.name == "p-recommend.log"
    assert log.parent.parent == tmp_path
    assert log.parent.is_dir()
