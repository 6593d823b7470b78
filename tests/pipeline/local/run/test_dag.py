"""Nodes run in order through TFX's launcher; the listener is told of each."""

from pathlib import Path
from typing import Any

import pytest
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.types.standard_artifacts import String

from components.errors import DataError
from pipeline.endings import stated_error
from pipeline.local.run import dag


@component
def Writer(text: Parameter[str], out: OutputArtifact[String]) -> None:  # noqa: N802
    Path(out.uri).write_text(text)


@component
def Reader(source: InputArtifact[String], out: OutputArtifact[String]) -> None:  # noqa: N802
    text = Path(source.uri).read_text()
    if text == "bad":
        raise DataError("the text is bad")
    Path(out.uri).write_text(text.upper())


class Told:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def started(self, node_id: str) -> None:
        self.events.append(("started", node_id))

    def finished(self, result: Any) -> None:
        self.events.append((result.state, result.id, result.cached))


def _pipeline(root: Path, text: str, cache: bool = True) -> Pipeline:
    writer = Writer(text=text)
    reader = Reader(source=writer.outputs["out"])
    return Pipeline(
        pipeline_name="test",
        pipeline_root=str(root / "artifacts"),
        components=[writer, reader],
        enable_cache=cache,
        metadata_connection_config=metadata.sqlite_metadata_connection_config(
            str(root / "metadata.db")
        ),
    )


def run_dag(pipeline: Pipeline, told: Told, **stamps: str) -> dict[str, dag.NodeResult]:
    results: dict[str, dag.NodeResult] = {}
    dag.run_dag(pipeline, told, stamps, results)
    return results


def test_run_dag_gives_outputs_and_tells_the_listener(tmp_path: Path) -> None:
    told = Told()
    results = run_dag(_pipeline(tmp_path, "good"), told)
    assert Path(results["Reader"].outputs["out"][0].uri).read_text() == "GOOD"
    assert told.events == [
        ("started", "Writer"),
        ("done", "Writer", False),
        ("started", "Reader"),
        ("done", "Reader", False),
    ]


def test_run_dag_takes_unchanged_nodes_from_the_cache(tmp_path: Path) -> None:
    first = run_dag(_pipeline(tmp_path, "good"), Told())
    again = run_dag(_pipeline(tmp_path, "good"), Told())
    assert [node.cached for node in again.values()] == [True, True]
    assert again["Reader"].outputs["out"][0].uri == first["Reader"].outputs["out"][0].uri
    other = run_dag(_pipeline(tmp_path, "better"), Told())
    assert [node.cached for node in other.values()] == [False, False]
    stamped = run_dag(_pipeline(tmp_path, "good"), Told(), Reader="code changed")
    assert [node.cached for node in stamped.values()] == [True, False]
    forced = run_dag(_pipeline(tmp_path, "good", cache=False), Told())
    assert [node.cached for node in forced.values()] == [False, False]


def test_run_dag_stops_at_the_first_failure(tmp_path: Path) -> None:
    told = Told()
    with pytest.raises(Exception, match="the text is bad") as caught:
        run_dag(_pipeline(tmp_path, "bad"), told)
    assert isinstance(stated_error(caught.value), DataError)
    assert told.events[-1] == ("failed", "Reader", False)
    # What ended well before the failure is there for the next run.
    told = Told()
    with pytest.raises(Exception, match="the text is bad"):
        run_dag(_pipeline(tmp_path, "bad"), told)
    assert ("done", "Writer", True) in told.events
