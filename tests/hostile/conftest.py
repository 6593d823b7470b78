"""The place of the attempts, and what stands in for hours of training and for a cluster."""

from __future__ import annotations

import functools
import importlib
import os
import socket
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import yaml

from tests.hostile import attempts
from tests.hostile.command_lines import PROGRAMS
from tests.hostile.place import Place
from tests.pipeline.kubeflow.stand_in import serve

# The same examples in each session, as many as fit, nothing kept on disk, no limit of time for one.
hypothesis.settings.register_profile(
    "hostile",
    derandomize=True,
    deadline=None,
    max_examples=200,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("hostile")

REACHED = "everything was accepted"


class Reached(KeyboardInterrupt):
    """A run has checked everything and would begin to train: nothing is left to refuse."""


@pytest.fixture(scope="module", autouse=True)  # another scope would outlast the folder
def _nothing_leaves_the_process() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        _stop_before_work(patch)
        _no_network(patch)
        _build_parsers_once(patch)
        _read_yaml_fast(patch)
        yield


def _build_parsers_once(patch: pytest.MonkeyPatch) -> None:
    """Lets all attempts have the same parser: building one takes longer than most attempts."""
    for program in PROGRAMS:
        module = importlib.import_module(program)
        patch.setattr(module, "build_parser", functools.cache(module.build_parser))


@functools.cache
def _the_same_in_all_attempts() -> tuple[dict[str, str], dict[str, str]]:
    """Returns what a run finds out of the code and the packages: most of an attempt's time."""
    from components.package_versions import package_versions
    from pipeline.local.run.plan import code_stamps

    return code_stamps(), package_versions()


def _stop_before_work(patch: pytest.MonkeyPatch) -> None:
    """Lets a command end well where its hours of work, or seconds of imports, would begin."""
    from pipeline.kubeflow.compile import compiler
    from pipeline.local.run import plan, session
    from pipeline.local.scheduling import scheduler

    def reached(self: Any, *_: Any, **__: Any) -> None:
        self.record.end("nothing_new", REACHED)

    def train(self: Any) -> None:
        self._load = lambda: (_ for _ in ()).throw(Reached)
        try:
            original(self)
        except Reached:
            reached(self)

    def infer(self: Any) -> None:
        self._load = lambda: (_ for _ in ()).throw(Reached)
        try:
            original_infer(self)
        except Reached:
            reached(self)

    stamps, versions = _the_same_in_all_attempts()
    patch.setattr(plan, "code_stamps", lambda: stamps)
    patch.setattr(session, "package_versions", lambda: versions)
    original, original_infer = session.Session.train_and_push, session.Session.infer_schema
    patch.setattr(session.Session, "train_and_push", train)
    patch.setattr(session.Session, "infer_schema", infer)
    patch.setattr(scheduler.Scheduler, "loop", lambda self: None)
    patch.setattr(compiler, "build_graph", lambda *_: None)
    patch.setattr(compiler, "to_spec", lambda *_: {})
    patch.setattr(compiler, "adapt_spec", lambda *_: None)
    patch.setattr(compiler, "drivers", lambda *_: {})
    patch.setattr(compiler.adapt, "platform_spec", lambda *_: {})
    patch.setattr(compiler, "to_yaml", lambda *_: "a: 1\n")
    batches = types.ModuleType("pipeline.local.commands.batch_inference")
    batches.write_recommendations = _write_recommendations  # type: ignore[attr-defined]
    patch.setitem(sys.modules, "pipeline.local.commands.batch_inference", batches)
    server = types.ModuleType("serving.serve")
    server.serve = lambda *_: None  # type: ignore[attr-defined]
    patch.setitem(sys.modules, "serving.serve", server)


def _write_recommendations(model: Path, ids: Any, k: int, folder: Path, *_: Any) -> None:
    (folder / "part.parquet").write_text(f"{len(ids)} {k}")


def _read_yaml_fast(patch: pytest.MonkeyPatch) -> None:
    """Lets kfp read what our code wrote for it with the fast loader, where there is one."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read = functools.partial(yaml.load_all, Loader=loader)
    patch.setattr("kfp.client.client.yaml", types.SimpleNamespace(safe_load_all=read))


def _no_network(patch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def only_this_machine(host: Any, *arguments: Any, **options: Any) -> Any:
        if host not in ("127.0.0.1", b"127.0.0.1"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *arguments, **options)

    patch.setattr(socket, "getaddrinfo", only_this_machine)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        patch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The place, with a cluster that answers."""
    made = Place(tmp_path_factory.mktemp("hostile") / "place")
    here = os.getcwd()
    with pytest.MonkeyPatch.context() as patch, serve() as (address, _):
        patch.setenv("HOME", str(made.folder / "home"))
        patch.setenv("XDG_CACHE_HOME", str(made.folder / "home"))
        patch.setenv("KF_PIPELINES_ENDPOINT", address)
        # rich cuts and colours by what it thinks of the terminal.
        patch.setenv("COLUMNS", "200")
        yield made
        os.chdir(here)


@pytest.fixture(autouse=True)
def _counted(record_property: Any) -> Iterator[None]:
    """Hands the numbers of attempts of a test to the summary."""
    before = dict(attempts.COUNTS), dict(attempts.KEPT)
    yield
    for kind, tried in attempts.COUNTS.items():
        new = tried - before[0].get(kind, 0)
        if new:
            record_property("attempts", (kind, new, attempts.KEPT[kind] - before[1].get(kind, 0)))
