"""Runs the compiled pipeline node by node in this process and reports each node to a listener.

TFX's LocalDagRunner has the same loop without reports. The launcher, which does the work of a node
(driver, cache, executor, publisher), is TFX's own.
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
from tfx.orchestration.portable.mlmd import execution_lib

_State = metadata_store_pb2.Execution.State


@dataclass(frozen=True)
class NodeResult:
    """The result of a component.

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
    """What is called as nodes run."""

    def started(self, node_id: str) -> None:
        """Called before a node runs."""

    def finished(self, result: NodeResult) -> None:
        """Called after a node ran, whether it failed or not."""


class NodeFailedError(Exception):
    """A node ended without outputs and without an exception."""


def run_dag(
    pipeline: Pipeline,
    listener: Listener,
    stamps: Mapping[str, str],
    results: dict[str, NodeResult],
) -> None:
    """Runs all nodes in topological order and stops at the first that fails.

    Args:
        pipeline: Pipeline with a metadata connection.
        listener: Called for each node.
        stamps: By node id a text that becomes part of the node's cache key, such as a digest of its
            code, which is not in TFX's own key.
        results: Filled with the result of each node as it ends, by node id.

    Raises:
        Exception: The exception of the failed node's executor.
    """
    ir = compiler.Compiler().compile(pipeline)
    run_id = datetime.datetime.now(datetime.timezone.utc).isoformat()
    runtime_parameter_utils.substitute_runtime_parameter(
        ir, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
    )
    for node in (one.pipeline_node for one in ir.nodes):
        if stamp := stamps.get(node.node_info.id):
            # For the cache key only: no executor reads it.
            node.parameters.parameters["code_stamp"].field_value.string_value = stamp
        result = _run_node(ir, node, listener)
        results[result.id] = result


def _run_node(ir: Any, node: Any, listener: Listener) -> NodeResult:
    """Runs one node and reports it to the listener."""
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
        (execution,) = handle.store.get_executions_by_id([info.execution_id])
        outputs = execution_lib.get_output_artifacts(handle, info.execution_id)
    state = execution.last_known_state
    if state not in (_State.COMPLETE, _State.CACHED):
        raise NodeFailedError(f"{node_id} ended in state {_State.Name(state)}")
    return state, outputs
