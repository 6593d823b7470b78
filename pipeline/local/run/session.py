"""One run on this machine, from the arguments to the record of its result."""

from __future__ import annotations

import argparse
import contextlib
import copy
import dataclasses
import datetime
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components import progress
from components.errors import ConfigError
from components.example_gen.inspection.inspect import inspect, lines
from components.example_gen.sources import spans
from components.example_gen.sources.data_files import check_data
from components.example_gen.sources.data_set import check_split
from components.package_versions import package_versions
from components.served_versions import retention
from components.served_versions.publish import announced_to, check_destination
from components.served_versions.versions import find_live
from pipeline.config.settings import PipelineConfig
from pipeline.endings import EXIT_OTHER, ending, stated_error
from pipeline.garbage_collection import paused_for_imports
from pipeline.local.process.logs import captured
from pipeline.local.process.signals import ignore_from_now_on, terminable
from pipeline.local.process.temporary_directory import temporary_directory
from pipeline.local.run import plan
from pipeline.local.run.data_root import resolve_data_root
from pipeline.local.run.engine import check_engine
from pipeline.local.run.notify import notify
from pipeline.local.run.run_record import RunRecord, write_record
from pipeline.local.run.settings import read_settings
from pipeline.local.run.use_best import check_best, use_best
from pipeline.local.screen import tables
from pipeline.local.screen.progress_view import ProgressView
from pipeline.local.workspace import history
from pipeline.local.workspace.database import check_database, move_orphans_aside
from pipeline.local.workspace.files import write_aside
from pipeline.local.workspace.intents import Intent, check_writable, settle
from pipeline.local.workspace.schema_file import stage_schema
from pipeline.local.workspace.workspace import Workspace
from pipeline.terminal import Screen, print_line


def run(arguments: argparse.Namespace) -> int:
    """Runs the pipeline as the arguments say; returns the exit code.

    Raises:
        UserError: The run cannot begin; what fails later is recorded.
    """
    config = read_settings(arguments)
    check_engine(config.beam)
    workspace = Workspace(arguments.output_root, arguments.pipeline_name)
    workspace.create()
    with workspace.lock(), terminable(), temporary_directory():
        return _run_locked(arguments, config, workspace)


def _run_locked(arguments: argparse.Namespace, config: PipelineConfig, workspace: Workspace) -> int:
    """Runs with the output root locked, and records the result whatever it is."""
    start = time.monotonic()
    record = RunRecord(
        pipeline=workspace.name,
        started=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        config=config.model_dump(mode="json", by_alias=True),
        log="" if arguments.verbose else str(workspace.log),
        versions=package_versions(),
    )
    with captured(workspace.log, arguments.verbose) as terminal:
        console = Screen(file=terminal)
        session = Session(arguments, config, workspace, record, console)
        try:
            session.infer_schema() if arguments.infer_schema else session.train_and_push()
            ignore_from_now_on()
        except KeyboardInterrupt:
            record.end("failed", "interrupted", EXIT_OTHER)
        except BaseException as error:  # whatever it is, the run is recorded
            _fail_with(record, error)
        ignore_from_now_on()
        record.seconds = round(time.monotonic() - start, 2)
        recorded = session.record_push_of_failed_run()
        unrecorded = write_record(workspace, record)
        if recorded and not unrecorded:
            session.intent.remove()
        else:
            session.intent.release()
        with session.tolerated("The result could not be shown"):
            tables.print_result(console, record)
        if unrecorded:
            print_line(console, unrecorded, "bold red")
        live = find_live(workspace.serving)
        if problem := notify(config.notify, record, live[0] if live else ""):
            print_line(console, problem, "yellow")
        if session.sample is not None:
            with session.tolerated("The sample of recommendations could not be shown"):
                tables.print_sample(console, session.sample)
    return record.exit_code


def _fail_with(record: RunRecord, error: BaseException) -> None:
    """Records how the run ended by an exception."""
    logging.getLogger(__name__).error("the run failed", exc_info=error)
    how = ending(error)
    failed = [c["id"] for c in record.components if c["state"] == "failed"]
    where = f"{failed[0]} failed: " if failed and stated_error(error) is None else ""
    record.end("failed", f"{where}{how.sentence}", how.exit_code)


@dataclasses.dataclass
class Session:
    """A run under way: its arguments and settings, and the record that it fills in."""

    arguments: argparse.Namespace
    config: PipelineConfig
    workspace: Workspace
    record: RunRecord
    console: Screen
    sample: Any = None
    finished: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Names the note of the push that this run may make."""
        self.intent = Intent(self.workspace)
        self.results: dict[str, Any] = {}

    def train_and_push(self) -> None:
        """Checks the data, runs the whole graph and reads its results."""
        self._finish_earlier_pushes()
        data_root = self._checked_data()
        check_destination(self.workspace.serving)
        check_database(self.workspace.metadata)
        if aside := move_orphans_aside(self.workspace.metadata, self.workspace.artifacts):
            print_line(self.console, f"Artifacts without metadata were moved to {aside}")
        if self.arguments.use_best:
            self.config = use_best(self.config, self.workspace)
            self.record.config = self.config.model_dump(mode="json", by_alias=True)
        check_best(self.config)
        schema = stage_schema(self.workspace, self.config)
        planned = self._plan(data_root, schema)
        if planned.settled:
            self._settle(planned)
            return
        self._load()
        from pipeline.local.run import execution

        enable_cache = not self.arguments.no_cache
        self._run(
            execution.build(self.workspace, self.config, data_root, schema, planned, enable_cache)
        )
        results = self.results
        # What is pushed stays pushed, whatever happens from here on.
        with self.tolerated("The trials could not be shown"):
            if trials := execution.read_trials(results):
                tables.print_trials(self.console, trials)
        execution.read_results(results, self.config, self.workspace, planned, self.record)
        self._check_push()
        with self.tolerated("The report could not be copied"):
            execution.save_report(results, self.workspace, self.record)
        if self.record.status == "pushed":
            with self.tolerated("Old versions could not be removed"):
                self._retain_newest()
        if self.record.pushed:
            with self.tolerated("No sample of recommendations"):
                self.sample = execution.sample_recommendations(results, self.record)

    @contextlib.contextmanager
    def tolerated(self, what: str, kind: type[Exception] = Exception) -> Iterator[None]:
        """Reports an error in the block, in the log and on the screen, and goes on."""
        try:
            yield
        except kind as error:
            logging.getLogger(__name__).error("%s", what, exc_info=error)
            print_line(self.console, f"{what}: {ending(error).sentence}", "yellow")

    def _finish_earlier_pushes(self) -> None:
        """Records what ended runs and rollbacks pushed and could not record."""
        check_writable(self.workspace)
        settled = settle(self.workspace)
        self.record.warnings += [one.sentence for one in settled]
        self.finished = frozenset(one.version for one in settled if one.recorded and one.by_run)

    def _live_version(self) -> str:
        return str((self.record.pushed or {}).get("version", ""))

    def _announce(self, path: Path) -> None:
        """Notes the version that is about to become live, as the history will record it."""
        from pipeline.local.run import execution

        draft = copy.deepcopy(self.record)
        execution.read_figures(self.results, self.config, draft)
        draft.end("pushed", "all gates passed")
        draft.pushed = {"version": path.name, "path": str(path)}
        self.intent.write(json.loads(draft.to_json()))

    def _check_push(self) -> None:
        """Corrects what the live version alone cannot tell of the push."""
        if self.intent.took_effect():  # a rollback may have made another version live since
            self.record.pushed = self.intent.entry["pushed"]
            self.record.end("pushed", "all gates passed")
        elif self.record.status == "nothing_new" and self._live_version() in self.finished:
            self.record.end("pushed", "all gates passed in an earlier run that was not recorded")

    def record_push_of_failed_run(self) -> bool:
        """Records a push of this run that took effect before the run failed, and says so.

        Returns:
            Whether there is nothing left to record of it.
        """
        if self.record.status != "failed" or not self.intent.took_effect():
            return True
        entry = self.intent.entry
        self.record.pushed = entry["pushed"]
        self.record.reason += f"; version {self._live_version()} was pushed before, and is live"
        with self.tolerated("The push could not be recorded; the next run will", OSError):
            history.append_entry(self.workspace.history, entry)
            return True
        return False

    def _retain_newest(self) -> None:
        """Removes versions beyond retention.keep_versions."""
        keep = self.config.retention.keep_versions
        if removed := retention.keep_newest(self.workspace.serving, keep):
            names = ", ".join(removed)
            print_line(self.console, f"Removed, keeping the newest {keep} versions: {names}")
        self.record.removed_versions = removed

    def infer_schema(self) -> None:
        """Writes a schema inferred from the data, for a person to curate."""
        data_root = self._checked_data()
        target = self.arguments.infer_schema
        if target.exists():
            raise ConfigError(f"--infer-schema: {target} exists; move it away or name another file")
        self._load()
        from pipeline.local.run import execution

        self._run(execution.build_schema_pipeline(self.workspace, self.config, data_root))
        write_aside(target, execution.read_inferred_schema(self.results))
        reason = f"schema written to {target}; use it with --set schema.path={target}"
        self.record.end("nothing_new", reason)

    def _checked_data(self) -> Path:
        """Returns the data folder after a first cheap look at its files."""
        data_root = resolve_data_root(self.arguments, self.workspace.sample, self.console)
        self.record.data = {"root": str(data_root), "layout": None, "span": None}
        root, config = str(data_root), self.config.data
        data = check_data(root, config, spans.patterns(root, config))
        check_split(data, self.config.split.method)
        if warning := spans.passed_over(root, config):
            self.record.warnings.append(warning)
        document = inspect(data, root, config)
        for line in lines(document):
            print_line(self.console, line)
        self.record.data.update(layout=data.layout, inspection=document)
        return data_root

    def _plan(self, data_root: Path, schema: Path) -> plan.Plan:
        """Chooses the baseline and records it."""
        if damage := history.damage(self.workspace.history):
            self.record.warnings.append(damage)
        planned = plan.make_plan(
            history.read_entries(self.workspace.history),
            plan.run_key(self.config, data_root, schema),
            self.workspace.serving,
            enable_cache=not self.arguments.no_cache,
        )
        self.record.run_key, self.record.push_token = planned.run_key, planned.push_token
        self.record.baseline_version = planned.baseline_version
        return planned

    def _settle(self, planned: plan.Plan) -> None:
        """Ends the run with the result of an earlier one."""
        self.record.end("nothing_new", planned.settled)
        if planned.repeated:
            for name in ("data", "metrics", "gate"):
                setattr(self.record, name, planned.earlier.get(name) or getattr(self.record, name))
            path = self.workspace.serving / planned.repeated
            self.record.pushed = {"version": planned.repeated, "path": str(path)}

    def _load(self) -> None:
        """Imports TensorFlow, Beam and TFX, which takes seconds."""
        if not self.arguments.verbose:
            print_line(self.console, f"Logs: {self.workspace.log}")
        with self.console.waiting("Loading TensorFlow, Beam and TFX …"), paused_for_imports():
            from pipeline.local.run import execution  # noqa: F401

    def _run(self, pipeline: Any) -> None:
        """Runs a graph in view and records the results and states of its components."""
        from pipeline.local.run.dag import run_dag
        from pipeline.local.run.probe_ahead import probe_ahead

        view = ProgressView(self.console, [component.id for component in pipeline.components])
        try:
            with (
                view.shown(),
                progress.listening(view.progressed, view.noted),
                announced_to(self._announce),
                probe_ahead(view) as listener,
            ):
                run_dag(pipeline, listener, plan.code_stamps(), self.results)
        finally:
            self.record.components = view.states()
