"""What the image of the server leaves out."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

FILE = Path(__file__).parents[2] / "deploy" / "slim_packages.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("slim_packages", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_needed_follows_requirements() -> None:
    needed = load().needed()
    assert {"tensorflow", "starlette", "pydantic-core", "markupsafe", "numpy"} <= needed
    assert not {"tfx", "apache-beam", "kfp", "pandas", "pytest"} & needed


def test_surplus_is_one_installed_name_a_line() -> None:
    printed = subprocess.run(
        [sys.executable, str(FILE)], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert {"tfx", "apache-beam", "pytest"} <= set(printed)
    assert not set(printed) & load().needed()
