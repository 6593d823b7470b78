"""Several spans read together, from the driver's choice to the Examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.proto import example_gen_pb2
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.errors import DataError
from components.example_gen import executor
from components.example_gen.config import DataConfig, SplitConfig
from components.example_gen.driver import RatingsDriver, input_config
from tests.components.example_gen.conftest import Output


def _resolve(root: Path, **data: Any) -> dict:
    splits = [example_gen_pb2.Input.Split(name="all", pattern="*")]
    properties = {
        "input_base": str(root),
        "input_config": proto_utils.proto_to_json(example_gen_pb2.Input(splits=splits)),
        "data_config": DataConfig(**data).to_json(),
        "split_config": SplitConfig(method="leave-last", leave_last=1).to_json(),
    }
    return RatingsDriver(None).resolve_exec_properties(properties, None, None)


def _patterns(properties: dict) -> list[str]:
    return [split.pattern for split in input_config(properties).splits]


@pytest.fixture
def root(write_1m, tmp_path: Path) -> Path:
    """Three spans; user 1 thinks better of movie 1, movie 2 changes its title, user 3 is new."""
    write_1m(["1::1::2::100", "1::2::4::110", "2::1::3::120"], folder="data/span-9")
    write_1m(["9::3::1::1"], folder="data/span-10")  # a mistake, corrected in v2
    write_1m(
        ["1::1::5::200", "1::3::4::210"],
        movies=("1::Red Kite (1999)::Comedy", "2::Café Moon (2001)::Drama", "3::Old Map::Western"),
        folder="data/span-10/v2",
    )
    write_1m(["3::1::4::300", "3::2::4::310"], folder="data/span-11")
    return tmp_path / "data"


def _run(properties: dict[str, Any], tmp_path: Path) -> Output:
    context = BaseBeamExecutor.Context(
        beam_pipeline_args=["--direct_running_mode=in_memory"], tmp_dir=str(tmp_path)
    )
    output = Output(tmp_path / "examples", tmp_path / "movies")
    artifacts = {}
    for name in ("examples", "movies"):
        (tmp_path / name).mkdir()
        artifact = standard_artifacts.Examples()
        artifact.uri = str(tmp_path / name)
        artifacts[name] = [artifact]
    executor.Executor(context).Do({}, artifacts, properties)
    return output


def test_all_spans_are_read_as_one(root: Path, tmp_path: Path) -> None:
    output = _run(_resolve(root), tmp_path)
    summary = output.summary
    assert summary["spans"] == [
        {"span": "9", "version": 0},
        {"span": "10", "version": 2},
        {"span": "11", "version": 0},
    ]
    # 3 + 2 + 2 rows; the first rating of movie 1 by user 1 is replaced, user 9 was a mistake.
    assert (summary["rows"], summary["ratings"], summary["users"]) == (7, 6, 3)
    assert summary["dropped"]["older rating of the same movie"] == 1
    (first,) = [row for row in output.rows("train") if row["user_id"] == [b"1"]]
    # In time: movie 2 at 110, movie 1 at 200; movie 3 at 210 is held out.
    assert (first["movie_id"], first["rating"]) == ([b"2", b"1"], [4.0, 5.0])


def test_newer_titles_count_within_the_window(root: Path, tmp_path: Path) -> None:
    # Span 11 has the old catalogue again, so it is left out here.
    for path in (root / "span-11").iterdir():
        path.unlink()
    (root / "span-11").rmdir()
    output = _run(_resolve(root), tmp_path)
    titles = [row["title"][0].decode() for row in output.rows("movies")]
    assert titles == ["Red Kite (1999)", "Café Moon (2001)", "Old Map"]


def test_window_takes_the_newest(root: Path, tmp_path: Path) -> None:
    output = _run(_resolve(root, window=1), tmp_path)
    assert output.summary["spans"] == [{"span": "11", "version": 0}]
    assert output.summary["ratings"] == 2


def test_driver_notes_newest_span_and_version(root: Path) -> None:
    properties = _resolve(root)
    assert (properties["span"], properties["version"]) == (11, 0)
    assert _patterns(properties) == ["span-9/*", "span-10/v2/*", "span-11/*"]


def test_driver_fingerprint_is_that_of_what_is_read(root: Path) -> None:
    before = _resolve(root, window=1)["input_fingerprint"]
    (root / "span-9" / "ratings.dat").write_text("1::1::1::1\n")
    assert _resolve(root, window=1)["input_fingerprint"] == before
    (root / "span-11" / "ratings.dat").write_text("1::1::1::1\n")
    assert _resolve(root, window=1)["input_fingerprint"] != before


def test_driver_fingerprint_covers_the_shared_catalogue(root: Path) -> None:
    (root / "span-11" / "movies.dat").rename(root / "movies.dat")
    lines = _resolve(root, window=1)["input_fingerprint"].splitlines()
    assert {line.split(",")[0] for line in lines} == {
        *("span-11/ratings.dat", "span-11/users.dat", "movies.dat")
    }


def test_driver_of_a_folder_without_spans(write_1m: Any) -> None:
    properties = _resolve(write_1m(["1::1::5::100"]))
    assert (properties["span"], properties["version"]) == (0, None)
    assert _patterns(properties) == ["*"]
    assert "ratings.dat" in properties["input_fingerprint"]


def test_driver_refuses_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        _resolve(tmp_path / "none")


def test_data_that_change_while_they_are_read_are_refused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest = executor.ingest_ratings

    def ingest_and_change(**arguments: Any) -> str:
        summary = ingest(**arguments)
        (root / "span-11" / "ratings.dat").write_text("3::1::4::300\n")
        return summary

    monkeypatch.setattr(executor, "ingest_ratings", ingest_and_change)
    with pytest.raises(DataError, match=r"changed while it was read: span-11/ratings\.dat;"):
        _run(_resolve(root), tmp_path)
