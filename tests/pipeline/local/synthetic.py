"""An output root as runs leave it behind, without running anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import Workspace


def write_model(path: Path, text: str = "", complete: bool = True) -> Path:
    """Writes the files of a SavedModel, which differ by `text` and hold no model."""
    (path / "variables").mkdir(parents=True)
    (path / "saved_model.pb").write_text(text or path.name)
    (path / "variables" / "variables.index").write_text("index")
    if complete:
        (path / "variables" / "variables.data-00000-of-00001").write_text("data")
    return path


def push(workspace: Workspace, version: str, **more: Any) -> dict[str, Any]:
    """Writes a version and the entry of the run that pushed it."""
    path = write_model(workspace.serving / version)
    entry = {
        "status": "pushed",
        "started": f"2026-01-0{len(version)}T03:00:00+00:00",
        "pushed": {"version": version, "path": str(path)},
        "run_key": f"key-{version}",
        "push_token": f"token-{version}",
        "baseline_version": "",
        "data": {"ratings": 1000, "first_timestamp": 0, "last_timestamp": 86400},
        "metrics": {"model": {"top_100_accuracy": 0.25, "unseen_top_100_accuracy": 0.4}},
        "gate": [],
        **more,
    }
    history.append_entry(workspace.history, entry)
    return entry
