"""Beam's options are checked before a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.errors import ConfigError
from pipeline.config.beam import BeamConfig
from pipeline.config.beam_options import check_beam

pytestmark = pytest.mark.slow  # imports Beam

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--runner=Foo"], "runner 'Foo'"),
        (["--runner=FlinkRuner"], "runner 'FlinkRuner'"),
        (["--runner=no.such.Runner"], "runner 'no.such.Runner'"),
        (["--runner=os.path"], "runner 'os.path'"),
        (["--runner=" + "x" * 5000], "runner 'xxx"),
        (["--runner"], "expected one argument"),
        (["--direct_num_worker=x"], "--direct_num_workers"),
        (["--direct_num_workers=x"], "invalid int value"),
        (["--direct_running_mode=fast"], "invalid choice"),
        (["--direct_runing_mode=in_memory"], "did you mean --direct_running_mode?"),
        (["--foo=1"], "no option --foo"),
        (["--foo"], "no option --foo"),
        (["foo"], "'foo' is no option"),
        (["-x"], "'-x' is no option"),
        (["--"], "'--' is no option"),
        ([""], "'' is no option"),
        (["--runner=DirectRunner", "DirectRunner"], "'DirectRunner' is no option"),
    ],
)
def test_check_beam_refuses_options_in_one_line(
    args: list[str], told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match=r"^beam.args: ") as caught:
        check_beam(BeamConfig(args=tuple(args)))
    assert told in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000
    assert "usage" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["--save_main_session"],
        ["--direct_num_workers=2", "--direct_running_mode=multi_processing"],
        ["--runner=DirectRunner", "--job_name", "x"],
        ["--runner=flink", "--flink_master=flink:8081", "--an_option_of_the_server=1"],
    ],
)
def test_check_beam_accepts_options(args: list[str]) -> None:
    check_beam(BeamConfig(args=tuple(args)))


def test_check_beam_leaves_logging_to_the_run() -> None:
    """Else the log of a run with `--beam-arg` would lack all that Python logs."""
    code = (
        "import logging, pipeline.config.beam as b, pipeline.config.beam_options as o\n"
        "o.check_beam(b.BeamConfig(args=('--runner=flink', '--an_option_of_the_server=1')))\n"
        "print(logging.root.handlers)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(
    "line",
    [
        ["--beam-arg=--runner=Foo"],
        ["--set", "beam.args=[--foo=1]"],
        ["--schedule", "0 3 * * *", "--beam-arg=--runner=Foo"],
    ],
)
def test_run_refuses_unknown_beam_options_before_it_starts(tmp_path: Path, line: list[str]) -> None:
    root = tmp_path / "runs"
    ended = subprocess.run(
        [sys.executable, "local_runner.py", *line, "--output-root", str(root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: beam.args: ")
    assert ended.stderr.count("\n") == 1
    assert not root.exists()
