"""Which versions are checked, what the tests prove of them, and the table that says so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import source, table

ROOMS = ("template", "cluster", "scenarios")
HERE = Path(__file__).parent
RESULTS = pytest.StashKey[table.Results]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives a test that asks for a version all of them."""
    if "version" in metafunc.fixturenames:
        known = source.versions() or (source.Version("none"),)
        metafunc.parametrize("version", known, ids=[one.label for one in known], scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs Kubeflow's sources, and skips it where they are not there."""
    reason = source.missing()
    for item in items:
        if any(item.path.is_relative_to(HERE / room) for room in ROOMS):
            item.add_marker(pytest.mark.conformance)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Notes what a test has shown of a version."""
    outcome = yield
    report = outcome.get_result()
    marker = item.get_closest_marker("proves")
    given = item.callspec.params if hasattr(item, "callspec") else {}
    version = given.get("version") or given.get("cluster_version")
    if marker and version and (report.when == "call" or report.outcome != "passed"):
        results = item.config.stash.setdefault(RESULTS, table.Results())
        results.add(version.name, marker.args[0], report.outcome)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the table, where `make conformance` asks for it."""
    if os.environ.get("CONFORMANCE_TABLE"):
        table.write(session.config.stash.setdefault(RESULTS, table.Results()))
