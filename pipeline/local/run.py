"""One run on this machine, from arguments to the record of what it came to."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from components import progress
from components.errors import ConfigError, UserError
from components.example_gen.layouts import check_data
from components.fingerprint import digest
from components.live_model.versions import find_live
from pipeline import sample_data
from pipeline.config import PipelineConfig, load_config
from pipeline.local import history, plan, tables
from pipeline.local.files import write_aside
from pipeline.local.logs import captured
from pipeline.local.outcome import (
    EXIT_OTHER,
    EXIT_USER,
    Outcome,
    package_versions,
)
from pipeline.local.view import RunView
from pipeline.local.workspace import BusyError, Workspace
from schemas import INTERACTIONS


def run(arguments: argparse.Namespace) -> int:
    """Runs the pipeline as the arguments say; returns the exit code."""
    console = Console(stderr=True)
    try:
        config = load_config(arguments.preset, arguments.config, _assignments(arguments))
        workspace = Workspace(arguments.output_root, arguments.pipeline_name)
        workspace.create()
        with workspace.lock():
            return _run_locked(arguments, config, workspace)
    except BusyError as error:
        return _refuse(console, error, EXIT_OTHER)
    except UserError as error:
        return _refuse(console, error, EXIT_USER)


def _assignments(arguments: argparse.Namespace) -> list[str]:
    """Returns the assignments of --set and of the options that are short for one."""
    extra = []
    if arguments.split:
        extra.append(f"split.method={arguments.split}")
    if arguments.beam_args:
        extra.append(f"beam.args={arguments.beam_args!r}")
    return [*arguments.assignments, *extra]


def _refuse(console: Console, error: Exception, code: int) -> int:
    console.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    return code


def _run_locked(arguments: argparse.Namespace, config: PipelineConfig, workspace: Workspace) -> int:
    """Runs with the output root held, and records the outcome whatever it is."""
    start = time.monotonic()
    outcome = Outcome(
        pipeline=workspace.name,
        started=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        config=config.model_dump(mode="json", by_alias=True),
        log="" if arguments.verbose else str(workspace.log),
        versions=package_versions(),
    )
    with captured(workspace.log, arguments.verbose) as terminal:
        console = Console(file=terminal)
        try:
            _execute(arguments, config, workspace, outcome, console)
        except KeyboardInterrupt:
            _fail(outcome, EXIT_OTHER, "interrupted")
        except Exception as error:  # the last line of defence: every failure becomes one line
            _fail_with(outcome, error)
        outcome.seconds = round(time.monotonic() - start, 2)
        _record(workspace, outcome)
        tables.print_ending(console, outcome)
    return outcome.exit_code


def _fail(outcome: Outcome, code: int, reason: str) -> None:
    outcome.status, outcome.exit_code, outcome.reason = "failed", code, reason


def _fail_with(outcome: Outcome, error: Exception) -> None:
    """Makes an exception the outcome: the user's to mend where a UserError is behind it."""
    logging.getLogger(__name__).error("the run failed", exc_info=error)
    cause = user_error(error)
    if cause is not None:
        _fail(outcome, EXIT_USER, str(cause))
        return
    failed = [c["id"] for c in outcome.components if c["state"] == "failed"]
    where = f"{failed[0]} failed: " if failed else ""
    first_line = (str(error).strip() or "no message").splitlines()[0]
    _fail(outcome, EXIT_OTHER, f"{where}{type(error).__name__}: {first_line}")


def user_error(error: BaseException | None) -> UserError | None:
    """Returns the first error of the chain that is the user's to mend."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, UserError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _record(workspace: Workspace, outcome: Outcome) -> None:
    """Writes last_run.json; finished runs go to the history too."""
    write_aside(workspace.last_run, outcome.to_json())
    if outcome.status != "failed":
        import json

        history.append_entry(workspace.history, json.loads(outcome.to_json()))


def _execute(
    arguments: argparse.Namespace,
    config: PipelineConfig,
    workspace: Workspace,
    outcome: Outcome,
    console: Console,
) -> None:
    """Checks the data, runs the graph and reads what came of it."""
    data_root = _data_root(arguments, workspace, console)
    layout = check_data(data_root, config.data)
    outcome.data = {"root": str(data_root), "layout": layout.name, "span": None}
    schema = _stage_schema(workspace, config)
    key = plan.run_key(config, data_root, schema)
    live = find_live(workspace.serving)
    made = plan.make_plan(
        history.read_entries(workspace.history), key, str(live.version) if live else ""
    )
    outcome.run_key, outcome.push_token = made.run_key, made.push_token
    outcome.baseline_version = made.baseline_version
    if not arguments.verbose:
        console.print(f"Logs: {workspace.log}", highlight=False)
    with console.status("Loading TensorFlow, Beam and TFX …"):
        from pipeline.local import execution
    pipeline = execution.build(
        workspace, config, data_root, schema, made, enable_cache=not arguments.no_cache
    )
    view = RunView(console, execution.node_ids(pipeline))
    try:
        with view.shown(), _listening(view):
            results = execution.run_dag(pipeline, view)
    finally:
        outcome.components = view.states()
    execution.read_results(results, config, workspace, made, outcome)
    if outcome.pushed:
        tables.print_samples(console, execution.sample_recommendations(results, outcome))


@contextlib.contextmanager
def _listening(view: RunView) -> Iterator[None]:
    """Shows the progress of components while the block runs."""
    progress.listen(view.progressed)
    try:
        yield
    finally:
        progress.listen(None)


def _data_root(arguments: argparse.Namespace, workspace: Workspace, console: Console) -> Path:
    """Returns the data folder: the one given, or the generated sample."""
    if arguments.data_root is not None:
        console.print(f"Data: {arguments.data_root}", highlight=False)
        return Path(arguments.data_root).absolute()
    console.print(
        "Data: a generated sample (invented movies, planted tastes; not MovieLens); "
        "--data-root takes yours",
        highlight=False,
    )
    return Path(sample_data.ensure_sample(workspace.sample)).absolute()


def _stage_schema(workspace: Workspace, config: PipelineConfig) -> Path:
    """Copies the schema to a folder named by its content: TFX's cache key holds only its path."""
    source = Path(config.schema_.path) if config.schema_.path else INTERACTIONS
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"schema.path: cannot read {source}: {error}") from error
    staged = workspace.schemas / digest([("schema", text.encode())]) / "schema.pbtxt"
    if not staged.exists():
        write_aside(staged, text)
    return staged.absolute()
