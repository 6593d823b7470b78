"""What the image of the server leaves out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import module_file

FILE = Path(__file__).parents[2] / "deploy" / "slim_packages.py"


def test_needed_follows_requirements() -> None:
    needed = module_file.load(FILE, "slim_packages").needed()
    assert {"tensorflow", "starlette", "pydantic-core", "markupsafe", "numpy"} <= needed
    assert not {"tfx", "apache-beam", "kfp", "pandas", "pytest"} & needed


def test_surplus_is_one_installed_name_a_line() -> None:
    printed = subprocess.run(
        [sys.executable, str(FILE)], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert {"tfx", "apache-beam", "pytest"} <= set(printed)
    assert not set(printed) & module_file.load(FILE, "slim_packages").needed()
