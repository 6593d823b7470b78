"""Options and fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the path of the real data."""
    parser.addoption(
        "--movielens-root",
        default=os.environ.get("MOVIELENS_ROOT"),
        help="Folder with ml-1m/ and ml-100k/ (or environment variable MOVIELENS_ROOT).",
    )


def _movielens(request: pytest.FixtureRequest, name: str) -> Path:
    root = request.config.getoption("--movielens-root")
    if not root or not (Path(root) / name).is_dir():
        pytest.skip(f"real {name} data not given: pass --movielens-root or set MOVIELENS_ROOT")
    return Path(root) / name


@pytest.fixture(scope="session")
def movielens_1m(request: pytest.FixtureRequest) -> Path:
    """Folder of MovieLens-1M."""
    return _movielens(request, "ml-1m")


@pytest.fixture(scope="session")
def movielens_100k(request: pytest.FixtureRequest) -> Path:
    """Folder of MovieLens-100K."""
    return _movielens(request, "ml-100k")
