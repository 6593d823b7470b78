"""Which versions are checked, what the tests prove of them, and the table that says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.conformance import source, table

ROOMS = ("template", "cluster", "scenarios")
HERE = Path(__file__).parent
# Where the reports of tests have what they show; reports come from other processes too.
PROVES = "proves"


class TableWriter:
    """Gathers what the tests show, and writes the table at the end."""

    def __init__(self) -> None:
        """Starts without results."""
        self._results = table.Results()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts a test that shows something of a version."""
        if report.when != "call" and report.outcome == "passed":
            return
        for name, value in report.user_properties:
            if name == PROVES:
                self._results.add(*value, report.outcome)

    def pytest_sessionfinish(self) -> None:
        """Writes the table."""
        table.write(self._results)


def pytest_configure(config: pytest.Config) -> None:
    """Has the table written, where `make conformance` asks for it; once, not by each worker."""
    if os.environ.get("CONFORMANCE_TABLE") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(TableWriter())


class ByFolder(LoadScopeScheduling):
    """Gives each folder to one process: its cluster is started once."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0].rpartition("/")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder | None:
    """Takes the folders as the scopes of `--dist loadscope`."""
    return ByFolder(config, log) if config.getvalue("dist") == "loadscope" else None


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


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Notes of which version and column a test shows something, for its reports."""
    marker = item.get_closest_marker("proves")
    given = item.callspec.params if hasattr(item, "callspec") else {}
    version = given.get("version") or given.get("cluster_version")
    if marker and version:
        item.user_properties.append((PROVES, (version.name, marker.args[0])))
