"""The record of a run: `last_run.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

EXIT_PUSHED, EXIT_OTHER, EXIT_USER, EXIT_REFUSED = 0, 1, 2, 3


@dataclass
class Outcome:
    """What a run came to; the fields are the keys of `last_run.json`.

    Attributes:
        status: `pushed`, `refused`, `failed` or `nothing_new`.
        exit_code: Exit code of the runner.
        reason: Why, in one sentence.
        data: Root, layout, span, counts and dropped rows by reason.
        drift: Name, value, threshold and verdict of each comparison with the live model's data.
        warnings: What a person should look at though it stopped nothing.
        training: How it began (`start`: cold or warm) and its `epochs`.
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

    def to_json(self) -> str:
        """Returns the record as indented JSON."""
        return json.dumps(asdict(self), indent=2, allow_nan=False, default=str) + "\n"
