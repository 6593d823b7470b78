"""Whether there is anything for a scheduled run to do."""

from __future__ import annotations

from pathlib import Path

from components.errors import UserError
from components.example_gen.sources import spans
from components.served_versions.versions import find_live
from pipeline.config.settings import PipelineConfig
from pipeline.local.run.plan import run_key
from pipeline.local.workspace import history
from pipeline.local.workspace.schema_file import stage_schema
from pipeline.local.workspace.workspace import Workspace


def nothing_new(workspace: Workspace, config: PipelineConfig, data_root: Path) -> str:
    """Returns why a run would do nothing, or "" where it may do something.

    It would where data, settings, schema and code are those of the newest finished run. A run that
    failed is none, so it is tried again. Where the data cannot be read, the run will say so.
    """
    if any(workspace.intents.glob("*.json")):
        return ""  # the run looks whether a push is to be recorded
    entries = reversed(history.read_entries(workspace.history))
    newest = next((one for one in entries if one.get("status") != history.ROLLED_BACK), None)
    if newest is None:
        return ""
    if newest.get("status") != "refused" and find_live(workspace.serving) is None:
        return ""  # what was pushed is gone
    try:
        key = run_key(config, data_root, stage_schema(workspace, config))
        warning = spans.passed_over(str(data_root), config.data)
    except (UserError, OSError):
        return ""
    if key != newest.get("run_key"):
        return ""
    reason = f"nothing new since the run of {newest.get('started')} ({newest.get('status')})"
    # New data under a wrong name look like no new data.
    return f"{reason}; {warning}" if warning else reason
