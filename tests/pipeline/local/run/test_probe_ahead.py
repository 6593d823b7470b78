from __future__ import annotations

import pytest
from tfx.types import standard_artifacts

from components.serving_check import process
from pipeline import nodes
from pipeline.local.run.dag import NodeResult
from pipeline.local.run.probe_ahead import probe_ahead


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def started(self, node_id: str) -> None:
        self.calls.append(f"started {node_id}")

    def finished(self, result: NodeResult) -> None:
        self.calls.append(f"finished {result.id}")


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []
    monkeypatch.setattr(process, "start_ahead", lambda model: calls.append(f"start {model}"))
    monkeypatch.setattr(process, "stop_ahead", lambda: calls.append("stop"))
    return calls


@pytest.mark.parametrize(
    ("node", "state", "cached", "expected"),
    [
        (nodes.TRAINER.id, "done", False, ["start /root/model/7/Format-Serving", "stop"]),
        (nodes.TRAINER.id, "done", True, ["stop"]),
        (nodes.TRAINER.id, "failed", False, ["stop"]),
        (nodes.EVALUATOR.id, "done", False, ["stop"]),
    ],
)
def test_process_starts_after_a_training_and_ends_with_the_run(
    starts: list[str], node: str, state: str, cached: bool, expected: list[str]
) -> None:
    heard = Heard()
    model = standard_artifacts.Model()
    model.uri = "/root/model/7"
    with probe_ahead(heard) as listener:
        listener.started(node)
        listener.finished(NodeResult(node, state, cached, 1.0, {"model": [model]}))
    assert starts == expected
    assert heard.calls == [f"started {node}", f"finished {node}"]


def test_process_ends_where_the_run_fails(starts: list[str]) -> None:
    with pytest.raises(OSError, match="full"), probe_ahead(Heard()):
        raise OSError("disk full")
    assert starts == ["stop"]
