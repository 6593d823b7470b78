"""Versions of the packages that a run depends on."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib import metadata

from components.version import VERSION

# Recorded in last_run.json.
RECORDED = (
    "tfx",
    "tensorflow",
    "tensorflow-recommenders",
    "tensorflow-transform",
    "tensorflow-model-analysis",
    "apache-beam",
    "pyarrow",
    "numpy",
)
# Shown by the report.
REPORTED = (
    "tfx",
    "tensorflow",
    "tf-keras",
    "tensorflow-recommenders",
    "tensorflow-transform",
    "tensorflow-data-validation",
    "tensorflow-model-analysis",
    "ml-metadata",
    "apache-beam",
    "pyarrow",
    "numpy",
)


def package_versions(packages: Sequence[str] = RECORDED) -> dict[str, str]:
    """Returns the versions of those packages that are installed, in the given order."""
    versions = {}
    for package in packages:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def report_versions() -> dict[str, str]:
    """Returns the versions of this project, of Python and of the packages in REPORTED."""
    return {
        "two-tower-pipeline": VERSION,
        "python": platform.python_version(),
        **package_versions(REPORTED),
    }
