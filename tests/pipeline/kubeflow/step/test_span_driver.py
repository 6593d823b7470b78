"""ExampleGen's driver in its container, on real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.errors import DataError
from components.example_gen.config import DataConfig
from pipeline.kubeflow.step.span_driver import run_driver

DRIVER = "components.example_gen.driver.RatingsDriver"
MESSAGE = {"outputs": {"artifacts": {"examples": {"artifacts": [{"uri": "/s3/b/e"}]}}}}


def values(root: Path, window: int) -> dict[str, str]:
    config = {"splits": [{"name": "single_split", "pattern": "*"}]}
    return {
        "input_base": str(root),
        "input_config": json.dumps(config),
        "data_config": DataConfig(window=window).to_json(),
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for span in (2, 10):
        folder = tmp_path / f"span-{span}"
        folder.mkdir()
        (folder / "ratings.dat").write_text("1::2::3::4\n")
        (folder / "movies.dat").write_text("2::A (1999)::Drama\n")
    return tmp_path


def test_run_driver_takes_the_newest_span(root: Path) -> None:
    actual = run_driver(DRIVER, values(root, 1), MESSAGE)
    assert actual["parameterValues"]["span"] == 10
    assert "span-10" in actual["parameterValues"]["input_config"]
    assert "span-2" not in actual["parameterValues"]["input_config"]
    (examples,) = actual["artifacts"]["examples"]["artifacts"]
    assert examples["metadata"]["span"] == 10
    assert "ratings.dat" in examples["metadata"]["input_fingerprint"]


def test_run_driver_writes_no_nulls(root: Path) -> None:
    # Without versions there is no version; Kubeflow's metadata takes no null.
    actual = run_driver(DRIVER, values(root, 1), MESSAGE)
    assert None not in actual["parameterValues"].values()


def test_run_driver_of_no_data_is_the_user_s_error(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        run_driver(DRIVER, values(tmp_path / "none", 1), MESSAGE)
