"""Runs the compiled pipeline node by node in this process, telling a listener of each.

TFX's LocalDagRunner does the same loop but tells nobody; the launcher, which does the work of each
node (driver, cache, executor, publisher), is TFX's own.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import compiler, constants
from tfx.orchestration import metadata
from tfx.orchestration.local import runner_utils
from tfx.orchestration.pipeline import Pipeline
from tfx.orchestration.portable import launcher, runtime_parameter_utils
from tfx.types import artifact_utils

_State = metadata_store_pb2.Execution.State


@dataclass(frozen=True)
class NodeResult:
    """What became of a component.

    Attributes:
        id: Node id.
        state: `done` or `failed`.
        cached: Whether outputs of an earlier run were taken.
        seconds: Wall-clock time.
        outputs: Output artifacts by key.
    """

    id: str
    state: str
    cached: bool
    seconds: float
    outputs: dict[str, list[Any]] = field(default_factory=dict)


class Listener(Protocol):
    """Is told of the nodes as they run."""

    def started(self, node_id: str) -> None:
        """Called before a node runs."""

    def finished(self, result: NodeResult) -> None:
        """Called after a node ran, whether it failed or not."""


class NodeFailedError(Exception):
    """A node that ended without outputs and without saying why."""


def run_dag(
    pipeline: Pipeline, listener: Listener, stamps: Mapping[str, str] | None = None
) -> dict[str, NodeResult]:
    """Runs all nodes in topological order and stops at the first that fails.

    Args:
        pipeline: Pipeline with a metadata connection.
        listener: Is told of each node.
        stamps: Text by node id that becomes part of the node's cache key, such as a digest of its
            code, of which TFX's own key knows nothing.

    Returns:
        The results by node id.

    Raises:
        Exception: What the failed node's executor raised.
    """
    ir = compiler.Compiler().compile(pipeline)
    run_id = datetime.datetime.now(datetime.timezone.utc).isoformat()
    runtime_parameter_utils.substitute_runtime_parameter(
        ir, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
    )
    results = {}
    for node in ir.nodes:
        _stamp(node.pipeline_node, (stamps or {}).get(node.pipeline_node.node_info.id, ""))
        result = _run_node(ir, node.pipeline_node, listener)
        results[result.id] = result
    return results


def _stamp(node: Any, text: str) -> None:
    """Adds a parameter that no executor reads: it is there for the cache key."""
    if text:
        node.parameters.parameters["code_stamp"].field_value.string_value = text


def _run_node(ir: Any, node: Any, listener: Listener) -> NodeResult:
    """Runs one node and tells the listener how it ended."""
    node_id = node.node_info.id
    listener.started(node_id)
    start = time.monotonic()
    try:
        state, outputs = _launch(ir, node)
    except BaseException:
        listener.finished(NodeResult(node_id, "failed", False, time.monotonic() - start))
        raise
    cached = state == _State.CACHED
    result = NodeResult(node_id, "done", cached, time.monotonic() - start, outputs)
    listener.finished(result)
    return result


def _launch(ir: Any, node: Any) -> tuple[int, dict[str, list[Any]]]:
    """Runs one node through TFX's launcher; returns its state and output artifacts."""
    node_id = node.node_info.id
    deployment = runner_utils.extract_local_deployment_config(ir)
    kind = deployment.metadata_connection_config.WhichOneof("connection_config")
    connection = getattr(deployment.metadata_connection_config, kind)
    info = launcher.Launcher(
        pipeline_node=node,
        mlmd_connection=metadata.Metadata(connection),
        pipeline_info=ir.pipeline_info,
        pipeline_runtime_spec=ir.runtime_spec,
        executor_spec=runner_utils.extract_executor_spec(deployment, node_id),
        custom_driver_spec=runner_utils.extract_custom_driver_spec(deployment, node_id),
    ).launch()
    if info is None or info.execution_id is None:
        raise NodeFailedError(f"{node_id} did not run: its inputs were not there")
    with metadata.Metadata(connection) as handle:
        state, outputs = read_execution(handle.store, info.execution_id)
    if state not in (_State.COMPLETE, _State.CACHED):
        raise NodeFailedError(f"{node_id} ended in state {_State.Name(state)}")
    return state, outputs


def read_execution(store: Any, execution_id: int) -> tuple[int, dict[str, list[Any]]]:
    """Reads an execution's state and its output artifacts by key from ML Metadata."""
    (execution,) = store.get_executions_by_id([execution_id])
    events = [
        event
        for event in store.get_events_by_execution_ids([execution_id])
        if event.type == metadata_store_pb2.Event.OUTPUT
    ]
    artifacts = {a.id: a for a in store.get_artifacts_by_id([e.artifact_id for e in events])}
    types = {
        t.id: t for t in store.get_artifact_types_by_id([a.type_id for a in artifacts.values()])
    }
    outputs: dict[str, list[Any]] = {}
    for event in events:
        artifact = artifacts[event.artifact_id]
        key = event.path.steps[0].key
        outputs.setdefault(key, []).append(
            artifact_utils.deserialize_artifact(types[artifact.type_id], artifact)
        )
    return execution.last_known_state, outputs
