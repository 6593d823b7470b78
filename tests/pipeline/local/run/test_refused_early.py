"""What no run can use is refused in one line, with exit code 2, before a run starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # a process for each

ROOT = Path(__file__).parents[4]
LONG = "x" * 5000
# With the rights of another user, for root may read everything.
OTHER_USER = """
import os, sys
from components.errors import UserError
from components.example_gen.config import DataConfig
from components.example_gen.sources import spans
from components.example_gen.sources.data_files import check_data
os.seteuid(65534)
config = DataConfig(ratings=sys.argv[2])
try:
    check_data(sys.argv[1], config, spans.patterns(sys.argv[1], config))
except UserError as error:
    print(error)
"""


@pytest.mark.parametrize(
    "line",
    [
        ["--pipeline-name", "x" * 300],
        ["--pipeline-name=--"],
        ["--output-root", LONG],
        ["--output-root", "x/" * 3000],
        ["--data-root", LONG],
        ["--data-root", "x/" * 3000],
        ["--ratings", LONG],
        ["--config", LONG],
        ["--schedule", "0 3 31 2 *"],
        ["--schedule", "0 3 * * *", "--pipeline-name", "x" * 300],
        ["--infer-schema", LONG],
        ["models", "--output-root", LONG],
        ["clean", "--pipeline-name", "x" * 300],
        ["inspect", "--data-root", LONG],
        ["inspect", "--ratings", LONG],
    ],
    ids=lambda line: " ".join(word[:20] for word in line),
)
def test_line_is_refused_with_exit_code_2(tmp_path: Path, line: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, str(ROOT / "local_runner.py"), *line],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 2, ended.stdout + ended.stderr
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said
    assert sum("error: " in text or "failed: " in text for text in said.splitlines()) == 1


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user's folder")
@pytest.mark.parametrize(
    ("mode", "ratings"),
    [(0o700, ""), (0o700, "ratings.csv"), (0o700, "*.csv"), (0o711, ""), (0o711, "*.csv")],
)
def test_folder_that_may_not_be_read_is_refused(folder: Path, mode: int, ratings: str) -> None:
    data = folder / "data"
    data.mkdir()
    (data / "ratings.csv").write_text("user,item\n1,2\n")
    data.chmod(mode)
    ended = subprocess.run(
        [sys.executable, "-c", OTHER_USER, str(data), ratings],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout.startswith(f"{data}: cannot be listed (Permission denied)")
    assert ended.stdout.count("\n") == 1
