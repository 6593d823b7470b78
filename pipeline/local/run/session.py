"""One run on this machine, from arguments to the record of what it came to."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime
import importlib
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console

from components import progress
from components.errors import ConfigError, UserError
from components.example_gen.sources import spans
from components.example_gen.sources.layouts import check_data
from components.package_versions import package_versions
from components.served_versions import retention
from components.served_versions.versions import find_live
from pipeline.config.settings import PipelineConfig
from pipeline.local.commands.parser import refuse
from pipeline.local.run import plan
from pipeline.local.run.logs import captured
from pipeline.local.run.notify import notify
from pipeline.local.run.run_record import (
    EXIT_OTHER,
    EXIT_PUSHED,
    EXIT_USER,
    Outcome,
)
from pipeline.local.run.settings import read_settings
from pipeline.local.run.signals import terminable
from pipeline.local.run.temporary_directory import scratch
from pipeline.local.run.tuning import print_trials, use_best
from pipeline.local.screen import tables
from pipeline.local.screen.progress_view import RunView
from pipeline.local.workspace import history
from pipeline.local.workspace.database import check_database, set_orphans_aside
from pipeline.local.workspace.files import write_aside
from pipeline.local.workspace.schema_file import stage_schema
from pipeline.local.workspace.workspace import BusyError, Workspace
from pipeline.sample_data import generate


def run(arguments: argparse.Namespace) -> int:
    """Runs the pipeline as the arguments say; returns the exit code."""
    console = Console(stderr=True)
    try:
        config = read_settings(arguments)
        workspace = Workspace(arguments.output_root, arguments.pipeline_name)
        workspace.create()
        with workspace.lock(), terminable(), scratch():
            return _run_locked(arguments, config, workspace)
    except (BusyError, OSError) as error:  # OSError: not even a log could be written
        return refuse(console, error, EXIT_OTHER)
    except UserError as error:
        return refuse(console, error, EXIT_USER)


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
        session = Session(arguments, config, workspace, outcome, console)
        try:
            session.infer_schema() if arguments.infer_schema else session.train_and_push()
        except KeyboardInterrupt:
            _fail(outcome, EXIT_OTHER, "interrupted")
        except Exception as error:  # the last line of defence: every failure becomes one line
            _fail_with(outcome, error)
        outcome.seconds = round(time.monotonic() - start, 2)
        unrecorded = _record(workspace, outcome)
        tables.print_ending(console, outcome)
        if unrecorded:
            console.print(unrecorded, style="bold red", markup=False, soft_wrap=True)
        live = find_live(workspace.serving)
        if problem := notify(config.notify, outcome, live[0] if live else ""):
            console.print(problem, style="yellow", markup=False, highlight=False, soft_wrap=True)
        if session.sample is not None:
            tables.print_samples(console, session.sample)
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


def _record(workspace: Workspace, outcome: Outcome) -> str:
    """Writes the history of finished runs and last_run.json; returns why it could not, or ""."""
    try:
        if outcome.status != "failed":
            history.append_entry(workspace.history, json.loads(outcome.to_json()))
        write_aside(workspace.last_run, outcome.to_json())
    except OSError as error:
        outcome.exit_code = outcome.exit_code or EXIT_OTHER
        return f"the run could not be recorded: {error}"
    return ""


@dataclasses.dataclass
class Session:
    """One run under way: what it was asked for, and the outcome that it fills in."""

    arguments: argparse.Namespace
    config: PipelineConfig
    workspace: Workspace
    outcome: Outcome
    console: Console
    sample: Any = None

    def train_and_push(self) -> None:
        """Checks the data, runs the whole graph and reads what came of it."""
        data_root = self._checked_data()
        check_database(self.workspace.metadata)
        if aside := set_orphans_aside(self.workspace.metadata, self.workspace.artifacts):
            self.console.print(f"No metadata tell of earlier artifacts: moved to {aside}")
        if self.arguments.use_best:
            self.config = use_best(self.config, self.workspace)
            self.outcome.config = self.config.model_dump(mode="json", by_alias=True)
        schema = stage_schema(self.workspace, self.config)
        made = self._plan(data_root, schema)
        if made.settled:
            self._settle(made)
            return
        execution = self._load()
        results = self._run(
            execution.build(
                self.workspace, self.config, data_root, schema, made, not self.arguments.no_cache
            )
        )
        if trials := execution.read_trials(results):
            print_trials(self.console, trials)
        execution.read_results(results, self.config, self.workspace, made, self.outcome)
        self._save_report(results)
        if self.outcome.status == "pushed":
            self._keep_newest()
        if self.outcome.pushed:
            self._ask_for_a_sample(results)

    def _save_report(self, results: dict[str, Any]) -> None:
        """Puts the page where people find it; what is pushed is pushed either way."""
        execution = importlib.import_module("pipeline.local.run.execution")
        try:
            execution.save_report(results, self.workspace, self.outcome)
        except OSError as error:
            logging.getLogger(__name__).error("the report could not be copied", exc_info=error)
            self.console.print(f"The report could not be copied: {error}", style="yellow")

    def _ask_for_a_sample(self, results: dict[str, Any]) -> None:
        """Asks the model for one user, to show; what is pushed is pushed either way."""
        execution = importlib.import_module("pipeline.local.run.execution")
        try:
            self.sample = execution.sample_recommendations(results, self.outcome)
        except Exception as error:
            logging.getLogger(__name__).error("no sample of recommendations", exc_info=error)

    def _keep_newest(self) -> None:
        """Removes versions beyond retention.keep_versions; what is pushed is pushed either way."""
        keep = self.config.retention.keep_versions
        try:
            removed = retention.keep_newest(self.workspace.serving, keep)
        except OSError as error:
            removed = []
            logging.getLogger(__name__).error("retention failed", exc_info=error)
            self.console.print(f"Old versions could not be removed: {error}", style="yellow")
        if removed:
            names = ", ".join(removed)
            self.console.print(f"Removed, keeping the newest {keep} versions: {names}")
        self.outcome.removed_versions = removed

    def infer_schema(self) -> None:
        """Writes the schema that the data suggest, for a person to curate."""
        data_root = self._checked_data()
        target = self.arguments.infer_schema
        if target.exists():
            raise ConfigError(f"--infer-schema: {target} exists; move it away or name another file")
        execution = self._load()
        results = self._run(execution.build_schema_pipeline(self.workspace, self.config, data_root))
        write_aside(target, execution.read_inferred_schema(results))
        self.outcome.status, self.outcome.exit_code = "nothing_new", EXIT_PUSHED
        self.outcome.reason = f"schema written to {target}; use it with --set schema.path={target}"

    def _checked_data(self) -> Path:
        """Returns the data folder after a first cheap look at its files."""
        data_root = _data_root(self.arguments, self.workspace, self.console)
        self.outcome.data = {"root": str(data_root), "layout": None, "span": None}
        root, config = str(data_root), self.config.data
        self.outcome.data["layout"] = check_data(root, config, spans.patterns(root, config)).name
        return data_root

    def _plan(self, data_root: Path, schema: Path) -> plan.Plan:
        """Chooses the baseline and notes it in the outcome."""
        made = plan.make_plan(
            history.read_entries(self.workspace.history),
            plan.run_key(self.config, data_root, schema),
            self.workspace.serving,
            enable_cache=not self.arguments.no_cache,
        )
        self.outcome.run_key, self.outcome.push_token = made.run_key, made.push_token
        self.outcome.baseline_version = made.baseline_version
        return made

    def _settle(self, made: plan.Plan) -> None:
        """Ends the run with what an earlier one came to."""
        self.outcome.status, self.outcome.exit_code = "nothing_new", EXIT_PUSHED
        self.outcome.reason = made.settled
        if made.repeated:
            self.outcome.data = made.earlier["data"]
            self.outcome.metrics, self.outcome.gate = made.earlier["metrics"], made.earlier["gate"]
            path = self.workspace.serving / made.repeated
            self.outcome.pushed = {"version": made.repeated, "path": str(path)}

    def _load(self) -> ModuleType:
        """Imports TensorFlow, Beam and TFX, which takes seconds."""
        if not self.arguments.verbose:
            self.console.print(f"Logs: {self.workspace.log}", highlight=False)
        with self.console.status("Loading TensorFlow, Beam and TFX …"):
            return importlib.import_module("pipeline.local.run.execution")

    def _run(self, pipeline: Any) -> dict[str, Any]:
        """Runs a graph in view; the states of its components go to the outcome."""
        execution = importlib.import_module("pipeline.local.run.execution")
        view = RunView(self.console, execution.node_ids(pipeline))
        try:
            with view.shown(), _listening(view):
                return execution.run_dag(pipeline, view, plan.code_stamps())
        finally:
            self.outcome.components = view.states()


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
    return Path(generate.ensure_sample(workspace.sample)).absolute()
