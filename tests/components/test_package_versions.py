from __future__ import annotations

from importlib import metadata

from components.package_versions import package_versions, report_versions
from components.version import VERSION


def test_package_versions_leaves_out_what_is_not_installed() -> None:
    versions = package_versions(["numpy", "no-such-package-for-this-test"])
    assert versions == {"numpy": metadata.version("numpy")}


def test_report_versions_begin_with_the_project_and_python() -> None:
    versions = report_versions()
    assert list(versions)[:2] == ["two-tower-pipeline", "python"]
    assert versions["two-tower-pipeline"] == VERSION
