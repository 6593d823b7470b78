"""What a run is measured against, decided before it starts.

The baseline is the live model. But when the very same inputs and settings were run before and what
they pushed is live still, the baseline stays the one of that run: every cache key is as it was, and
the run ends with nothing new instead of measuring a model against itself.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path

from components.fingerprint import code_fingerprint, digest
from pipeline.config import PipelineConfig
from pipeline.local.history import Entry, newest_push
from pipeline.local.outcome import package_versions

# The code of ours that each component runs; the rest is TFX's.
_PACKAGES = {
    "ExampleGen": "example_gen",
    "StatisticsGen": "",
    "SchemaGen": "",
    "ExampleValidator": "example_validator",
    "Transform": "transform",
    "Trainer": "trainer",
    "LiveModel": "live_model",
    "Evaluator": "evaluator",
    "ServingCheck": "serving_check",
    "Pusher": "pusher",
}


def code_stamps() -> dict[str, str]:
    """Returns, by node id, a text that changes with the component's code and the libraries."""
    libraries = " ".join(f"{name}={version}" for name, version in package_versions().items())
    return {
        node: f"{code_fingerprint(package) if package else ''} {libraries}"
        for node, package in _PACKAGES.items()
    }


@dataclass(frozen=True)
class Plan:
    """Cache-relevant choices of one run.

    Attributes:
        run_key: Digest of data, settings, schema and code.
        baseline_version: Version to measure against, empty for none.
        push_token: Part of the Pusher's cache key.
        repeated: Version that an earlier run with the same key pushed and that is live, or empty.
    """

    run_key: str
    baseline_version: str
    push_token: str
    repeated: str = ""


def make_plan(entries: list[Entry], run_key: str, live_version: str) -> Plan:
    """Chooses the baseline.

    Args:
        entries: Finished runs, oldest first.
        run_key: Key of this run.
        live_version: Version that is live, empty for none.
    """
    if live_version and (entry := newest_push(entries, run_key, live_version)):
        return Plan(run_key, entry["baseline_version"], entry["push_token"], live_version)
    return Plan(run_key, live_version, uuid.uuid4().hex)


def run_key(config: PipelineConfig, data_root: Path, schema: Path) -> str:
    """Returns a digest of everything that the result of a run depends on."""
    parts = [
        ("config", config.model_dump_json(by_alias=True).encode()),
        ("data", data_fingerprint(data_root).encode()),
        ("schema", schema.read_bytes()),
        ("code", json.dumps(code_stamps()).encode()),
    ]
    return digest(parts)


def data_fingerprint(root: Path) -> str:
    """Returns a digest of the names, sizes and modification times of the files of a folder."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    stats = [(path, path.stat()) for path in files]
    return digest(
        (str(path), f"{stat.st_size}:{stat.st_mtime_ns}".encode()) for path, stat in stats
    )
