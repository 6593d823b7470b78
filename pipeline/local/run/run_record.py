"""The record of a run: `last_run.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.endings import EXIT_OTHER
from pipeline.local.workspace import history
from pipeline.local.workspace.files import write_aside
from pipeline.local.workspace.workspace import Workspace

EXIT_REFUSED = 3


@dataclass
class RunRecord:
    """How a run ended; the fields are the keys of `last_run.json`.

    Attributes:
        status: `pushed`, `refused`, `failed` or `nothing_new`.
        exit_code: Exit code of the runner.
        reason: Why, in one sentence.
        data: Root, layout, span, counts and dropped rows by reason.
        drift: Name, value, threshold and verdict of each comparison with the live model's data.
        warnings: What a person should look at though it stopped nothing.
        training: How it started (`start`: cold or warm), its `epochs`, the settings that were
            `chosen` for the size of the data, `notes` on what was made smaller to fit the memory,
            `memory_bytes` that were planned, `seconds` by phase.
        metrics: `model` and, where there was one, `live`: name to value.
        gate: Name, value, threshold and verdict of each decision.
        components: Id, state, cached and seconds of each component.
        pushed: Version and path of what is live by this run, or None.
        report: Path of the page that explains the run.
        removed_versions: Older versions that retention.keep_versions removed after the push.
        versions: Versions of the main packages.
    """

    status: str = "failed"
    exit_code: int = EXIT_OTHER
    reason: str = ""
    pipeline: str = ""
    started: str = ""
    seconds: float = 0.0
    config: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    drift: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    training: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    gate: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    pushed: dict[str, Any] | None = None
    report: str = ""
    removed_versions: list[str] = field(default_factory=list)
    baseline_version: str = ""
    push_token: str = ""
    run_key: str = ""
    log: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    def end(self, status: str, reason: str, exit_code: int = 0) -> None:
        """Sets how the run ended."""
        self.status, self.exit_code, self.reason = status, exit_code, reason

    def to_json(self) -> str:
        """Returns the record as indented JSON."""
        return json.dumps(asdict(self), indent=2, allow_nan=False, default=str) + "\n"


def write_record(workspace: Workspace, record: RunRecord) -> str:
    """Writes last_run.json and, unless the run failed, a line of the history.

    Returns:
        Why they could not be written, or "". The exit code is then not 0.
    """
    try:
        text = record.to_json()
        if record.status != "failed":
            history.append_entry(workspace.history, json.loads(text))
        write_aside(workspace.last_run, text)
    except (OSError, ValueError) as error:  # ValueError: a figure that is not finite
        record.exit_code = record.exit_code or EXIT_OTHER
        live = ""
        if record.status == "pushed" and record.pushed:
            live = f"; version {record.pushed['version']} is live, and the next run records it"
        return f"the run could not be recorded: {error}{live}"
    return ""
