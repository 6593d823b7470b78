"""The command of every container: TFX's own entrypoint with what Kubeflow does differently undone.

The launcher starts it with the inputs already downloaded, and uploads the outputs after it ended.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from components.errors import UserError
from components.tensorflow_settings import prepare_tensorflow
from pipeline import nodes
from pipeline.config.beam_engines import DATAFLOW_RUNNER
from pipeline.garbage_collection import paused_for_imports
from pipeline.interrupts import exit_with
from pipeline.kubeflow.step import (
    executor_input,
    executor_output,
    lean_imports,
    newest_span,
    push_record,
    run_settings,
)

# Kubernetes shows what is in this file as the reason of a container's end, and so does the page.
TERMINATION_LOG = "/dev/termination-log"
TERMINATION_VARIABLE = "KFP_TERMINATION_LOG"
MAX_TERMINATION_BYTES = 4000


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser; what it does not know are Beam's options."""
    parser = argparse.ArgumentParser(prog="entrypoint", description=__doc__, allow_abbrev=False)
    parser.add_argument("--node_id", required=True, help="step of the graph")
    parser.add_argument("--driver_class_path", default="", help="driver to run before the executor")
    parser.add_argument("--pipeline_root", help="where artifacts go: for the key of the cache only")
    parser.add_argument("--history_root", default="", help="folder of the history of pushes")
    parser.add_argument("--executor_class_path", required=True, help="executor to run")
    parser.add_argument("--json_serialized_invocation_args", required=True, help="ExecutorInput")
    parser.add_argument("--json_serialized_inputs_spec_args", required=True, help="inputs' types")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one step; returns the exit code."""
    prepare_tensorflow(log_level=1)
    os.environ.setdefault("_KFP_RUNTIME", "true")  # kfp: no client, no Kubernetes API in a step
    arguments, beam_args = build_parser().parse_known_args(argv)
    try:
        run_step(arguments, beam_args)
    except UserError as error:
        tell_reason(f"{arguments.node_id}: {error}")
        return UserError.exit_code
    except Exception as error:
        tell_reason(f"{arguments.node_id}: {type(error).__name__}: {error}")
        raise
    return 0


def run_step(arguments: argparse.Namespace, beam_args: list[str]) -> None:
    """Runs one step from ExecutorInput to ExecutorOutput."""
    message = json.loads(arguments.json_serialized_invocation_args)
    inputs_spec = json.loads(arguments.json_serialized_inputs_spec_args)
    pages = page_paths(message)
    figures = push_record.take_figures(message)
    remote = prepare_input(message, inputs_spec, kept_schemes(arguments.node_id, beam_args))
    executor_input.check_inputs(message, arguments.node_id)
    executor_input.make_folders(message)
    values = executor_input.parameter_values(message)
    output_file = message["outputs"]["outputFile"]
    if newest_span.is_superfluous(arguments.node_id, values, message):
        executor_output.write(newest_span.absent_outputs(message), output_file)
        finish_output(output_file, {}, remote)
        return
    run_settings.apply(arguments.node_id, values)
    lean_imports.before_executor(arguments.node_id)
    driver_output: executor_output.Message = {}
    if arguments.driver_class_path:
        from pipeline.kubeflow.step.span_driver import run_driver

        driver_output = run_driver(arguments.driver_class_path, values, message)
        # TFX's entrypoint takes parameters from there.
        executor_output.write(driver_output, output_file)
    arguments.json_serialized_invocation_args = json.dumps(message)
    with push_record.recorded(arguments.history_root, values, figures):
        run_tfx(arguments, beam_args)
    finish_output(output_file, driver_output, remote)
    executor_output.pages_to_files(pages)


def kept_schemes(node_id: str, beam_args: Sequence[str]) -> tuple[str, ...]:
    """Returns the schemes of URIs that a step keeps: Dataflow's workers see buckets only."""
    node = nodes.BY_ID.get(node_id)
    return ("gs://",) if node and node.beam and DATAFLOW_RUNNER in beam_args else ()


def prepare_input(
    message: executor_input.Message, inputs_spec: executor_input.Message, kept: tuple[str, ...]
) -> dict[str, str]:
    """Makes ExecutorInput fit for TFX; returns local path → URI of the outputs."""
    executor_input.drop_injected(message)
    executor_input.fill_types(message, inputs_spec)
    executor_input.name_classes(message)
    return executor_input.map_uris(message, kept)


def page_paths(message: executor_input.Message) -> list[str]:
    """Returns where the HTML outputs are."""
    return [
        executor_input.to_local(artifact["uri"])
        for artifact in executor_input.artifacts(message, "outputs")
        if artifact["type"].get("schemaTitle") == "system.HTML"
    ]


def run_tfx(arguments: argparse.Namespace, beam_args: list[str]) -> None:
    """Runs the executor through TFX's entrypoint."""
    with paused_for_imports():
        from tfx.utils import import_utils

        import_utils.import_class_by_path(arguments.executor_class_path)
        lean_imports.after_executor()
        from tfx.orchestration.kubeflow.v2.container import kubeflow_v2_run_executor

    kubeflow_v2_run_executor._run_executor(arguments, beam_args)


def finish_output(
    output_file: str, driver_output: executor_output.Message, remote: dict[str, str]
) -> None:
    """Makes ExecutorOutput fit for Kubeflow."""
    output = executor_output.read(output_file)
    executor_output.merge_metadata(output, driver_output)
    output.pop("parameterValues", None)  # such as the driver's span: no component declares it
    executor_output.map_uris_back(output, remote)
    executor_output.drop_nulls(output)
    executor_output.write(output, output_file)


def tell_reason(reason: str) -> None:
    """Writes why the step failed, to its log and to where Kubeflow's page takes it from."""
    print(f"error: {reason}", file=sys.stderr, flush=True)
    path = os.environ.get(TERMINATION_VARIABLE, TERMINATION_LOG)
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(reason.encode()[:MAX_TERMINATION_BYTES].decode(errors="ignore"))
    except OSError:
        pass  # not in a pod: the log has it


if __name__ == "__main__":
    exit_with(main)
