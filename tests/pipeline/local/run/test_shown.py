"""What is shown of a run never changes its result, whatever goes wrong with it."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from rich.live import Live

import local_runner
from components import progress
from components.served_versions.publish import publish
from components.served_versions.versions import find_live
from pipeline.local.run import notify, plan
from pipeline.local.run.run_record import RunRecord
from pipeline.local.screen import tables
from pipeline.local.screen.progress_view import ProgressView
from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import Workspace
from pipeline.terminal import TolerantStream
from tests.pipeline.local.synthetic import write_model

TITLE = "[/x] \x1b[2J \u202e [bold]"
Break = Callable[[pytest.MonkeyPatch], object]


class Graph:
    """Stands in for the graph: two components, and a real push by the second."""

    def __init__(self, workspace: Workspace, model: Path) -> None:
        self.workspace, self.model = workspace, model

    def run_dag(self, pipeline: Any, listener: Any, stamps: Any, results: Any) -> None:
        for component in pipeline.components:
            listener.started(component.id)
            progress.report(1, 2, TITLE)
            progress.note(TITLE)
            if component.id == "Pusher":
                publish(self.model, self.workspace.serving)
            outputs = {"model": [SimpleNamespace(uri=str(self.model))]}
            listener.finished(
                SimpleNamespace(
                    id=component.id, state="done", cached=False, seconds=1.0, outputs=outputs
                )
            )

    def read_figures(self, results: Any, config: Any, record: RunRecord) -> list[str]:
        record.metrics = {"model": {"top_100_accuracy": 0.5}}
        record.gate = [{"name": "x", "value": 0.5, "threshold": 0.1, "passed": True}]
        record.warnings.append(TITLE)
        return []

    def read_results(
        self, results: Any, config: Any, workspace: Any, planned: Any, record: RunRecord
    ) -> None:
        self.read_figures(results, config, record)

    def modules(self) -> Iterator[types.ModuleType]:
        dag = types.ModuleType("pipeline.local.run.dag")
        dag.run_dag = self.run_dag  # type: ignore[attr-defined]
        yield dag
        execution = types.ModuleType("pipeline.local.run.execution")
        vars(execution).update(
            build=lambda *_: SimpleNamespace(
                components=[SimpleNamespace(id="Trainer"), SimpleNamespace(id="Pusher")]
            ),
            read_figures=self.read_figures,
            read_results=self.read_results,
            read_trials=lambda _: {
                "objective": TITLE,
                "best": 1,
                "trials": [{"number": 1, "values": {TITLE: 0.5}, "score": 0.5, "seconds": 1.0}],
            },
            save_report=lambda *_: None,
            sample_recommendations=lambda *_: SimpleNamespace(
                user_id=TITLE, rated_best=[(TITLE, 5.0)], recommended=[TITLE]
            ),
        )
        yield execution


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Runs the pipeline with a stand-in for the graph; returns the exit code."""
    data = tmp_path / "data"
    data.mkdir()
    rows = [f"{user},{movie},{1 + (user + movie) % 5}" for user in range(9) for movie in range(9)]
    (data / "ratings.csv").write_text("user,movie,rating\n" + "\n".join(rows))
    workspace = Workspace(tmp_path / "runs", "movielens")
    graph = Graph(workspace, write_model(tmp_path / "model"))
    for module in graph.modules():
        monkeypatch.setitem(sys.modules, module.__name__, module)
        name = module.__name__.rpartition(".")[2]
        monkeypatch.setattr(f"pipeline.local.run.{name}", module, raising=False)
    monkeypatch.setattr(plan, "code_stamps", dict)
    line = [f"--output-root={workspace.root}", f"--data-root={data}"]
    line.append("--set=notify.webhook=http://127.0.0.1:1/nobody-listens")
    return lambda: local_runner.main(line)


def fail(*_: Any, **__: Any) -> Any:
    raise RuntimeError(f"{TITLE}\nsecond line")


def on(where: Any, name: str, with_: Callable[..., Any] = fail) -> Break:
    return lambda patch: patch.setattr(where, name, with_)


def no_memory(*_: Any, **__: Any) -> Any:
    raise MemoryError


BREAKS: dict[str, Break] = {
    "nothing": lambda patch: None,
    # Of the tables and lines at the end.
    "the table of the metrics": on(tables, "metrics_table"),
    "the table of the gate": on(tables, "gate_table"),
    "all of the result": on(tables, "print_result"),
    "the sample": on(tables, "print_sample"),
    "the trials": on(tables, "print_trials"),
    "memory for a table": on(tables, "gate_table", no_memory),
    # Of what is made only to be shown.
    "the page": lambda patch: patch.setattr(
        sys.modules["pipeline.local.run.execution"], "save_report", fail
    ),
    "the recommendations of the sample": lambda patch: patch.setattr(
        sys.modules["pipeline.local.run.execution"], "sample_recommendations", fail
    ),
    "the reader of the trials": lambda patch: patch.setattr(
        sys.modules["pipeline.local.run.execution"], "read_trials", fail
    ),
    "the message to the webhook": on(notify, "body"),
    # Of the view of the components.
    "the drawing of the view": on(ProgressView, "__rich__"),
    "the view's start": on(Live, "start"),
    "the view's end": on(Live, "stop"),
    "a component's start": on(ProgressView, "_mark"),
    # Of the console and of what is below it.
    "the console": on(Console, "print"),
    "the console's layout": on(Console, "render"),
    "the console's output": on(Console, "_write_buffer"),
    "the console's size": on(Console, "size", property(fail)),  # type: ignore[arg-type]
    "the console's spinner": on(Console, "status"),
    "the console's memory": on(Console, "render", no_memory),
    "the stream": on(TolerantStream, "write"),
    "the stream's end": on(TolerantStream, "flush"),
}


@pytest.mark.parametrize("terminal", [False, True], ids=["no terminal", "a terminal"])
@pytest.mark.parametrize("name", BREAKS)
def test_error_in_what_is_shown_leaves_the_result_of_a_push(
    run: Callable[[], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    terminal: bool,
) -> None:
    monkeypatch.setattr(TolerantStream, "isatty", lambda self: terminal)
    monkeypatch.setenv("TERM", "xterm")
    with monkeypatch.context() as patch:
        BREAKS[name](patch)
        code = run()
    workspace = Workspace(tmp_path / "runs", "movielens")
    record = json.loads(workspace.last_run.read_text())
    live = find_live(workspace.serving)
    assert live is not None
    assert (code, record["status"], record["exit_code"]) == (0, "pushed", 0), record["reason"]
    assert record["pushed"]["version"] == live[0]
    (entry,) = history.read_entries(workspace.history)
    assert entry["pushed"]["version"] == live[0]
    assert list(workspace.intents.glob("*")) == []
