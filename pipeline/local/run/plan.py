"""Chooses, before a run starts, which model it is compared with.

The baseline is the live model. An exception: the same data, settings, schema and code were run
before, and the model that this run pushed is still live. The baseline is then the one of that run.
Every cache key is as it was, and the run ends with nothing new instead of comparing a model with
itself.

Two kinds of run need no component at all: one whose model was rolled back (it would push the same
model again, and undo the rollback), and one whose model is live while the version that it was
compared with has been removed.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path

from components.example_gen.config import DataConfig
from components.example_gen.sources import spans
from components.example_gen.sources.data_files import locate
from components.fingerprint import code_fingerprint, digest
from components.package_versions import package_versions
from components.served_versions.versions import find_live, is_complete
from pipeline import nodes
from pipeline.config.settings import PipelineConfig
from pipeline.local.workspace.history import (
    ROLLED_BACK,
    Entry,
    entry_of_version,
    is_older,
    newest_push,
)

# Sections of the settings that change nothing in the model.
_WITHOUT_EFFECT = {"retention", "notify", "serving"}


def code_stamps() -> dict[str, str]:
    """Returns by node id a text that changes with the component's code and the libraries."""
    libraries = " ".join(f"{name}={version}" for name, version in package_versions().items())
    return {
        node.id: f"{code_fingerprint(node.package) if node.package else ''} {libraries}"
        for node in nodes.NODES
    }


@dataclass(frozen=True)
class Plan:
    """Cache-relevant choices of one run.

    Attributes:
        run_key: Digest of data, settings, schema and code.
        baseline_version: Version to compare with, "" for none.
        push_token: Part of the Pusher's cache key.
        repeated: The live version, where an earlier run with the same key pushed it; else "".
        settled: Why nothing needs to run, or "".
        earlier: The entry of the earlier run with the same key, where settled.
    """

    run_key: str
    baseline_version: str
    push_token: str
    repeated: str = ""
    settled: str = ""
    earlier: Entry = field(default_factory=dict)


def make_plan(entries: list[Entry], run_key: str, serving: Path, enable_cache: bool = True) -> Plan:
    """Chooses the baseline.

    Args:
        entries: Finished runs and rollbacks, oldest first.
        run_key: Key of this run.
        serving: `serving_model/<name>`.
        enable_cache: Whether results of earlier runs may be used; otherwise nothing is settled.
    """
    live = find_live(serving)
    if live is None:
        return Plan(run_key, "", uuid.uuid4().hex)
    version = live[0]
    fresh = Plan(run_key, version, uuid.uuid4().hex)
    if entry := newest_push(entries, run_key, version):
        baseline = entry.get("baseline_version") or ""
        token = entry.get("push_token") or fresh.push_token
        if not baseline or is_complete(serving / baseline):
            return Plan(run_key, baseline, token, repeated=version)
        settled = f"nothing changed since version {version} was pushed"
        earlier = entry_of_version(entries, version) or entry
        known = Plan(run_key, baseline, token, version, settled, earlier)
        return known if enable_cache else fresh
    if enable_cache and (rollback := find_withdrawal(entries, run_key, version)):
        settled = (
            f"version {rollback['replaced']}, the model of this data and these settings, was "
            f"rolled back: {rollback.get('reason')} (--no-cache trains anyway)"
        )
        return replace(fresh, settled=settled, earlier=rollback)
    return fresh


def find_withdrawal(entries: list[Entry], run_key: str, live_version: str) -> Entry | None:
    """Returns the rollback, still in force, that replaced the model of a run, if any.

    A rollback is in force as long as its version is live, or was replaced by a rollback in force.
    """
    version, entry = live_version, entry_of_version(entries, live_version)
    while entry is not None and entry["status"] == ROLLED_BACK:
        older = str(entry.get("replaced"))
        if not is_older(older, version):  # a damaged history; it would lead in a circle
            return None
        replaced = entry_of_version(entries, older)
        if replaced is not None and replaced.get("run_key") == run_key:
            return entry
        version, entry = older, replaced
    return None


def run_key(config: PipelineConfig, data_root: Path, schema: Path) -> str:
    """Returns a digest of everything that the result of a run depends on."""
    parts = [
        ("config", config.model_dump_json(by_alias=True, exclude=_WITHOUT_EFFECT).encode()),
        ("data", data_fingerprint(data_root, config.data).encode()),
        ("schema", schema.read_bytes()),
        ("code", json.dumps(code_stamps()).encode()),
    ]
    return digest(parts)


def data_fingerprint(root: Path, config: DataConfig) -> str:
    """Returns a digest of the names, sizes and modification times of the files that a run reads.

    Raises:
        DataError: If there are none.
    """
    paths = locate(str(root), spans.patterns(str(root), config), config).paths
    stats = [(path, os.stat(path)) for path in sorted(paths)]
    return digest((path, f"{stat.st_size}:{stat.st_mtime_ns}".encode()) for path, stat in stats)
