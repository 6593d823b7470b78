"""Which packages made a run."""

from __future__ import annotations

import platform
from importlib import metadata

from components.version import VERSION

PACKAGES = (
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


def read_versions() -> dict[str, str]:
    """Returns the versions of this project, Python and the main packages."""
    versions = {"two-tower-pipeline": VERSION, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
