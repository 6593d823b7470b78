"""What TFX leaves for the launcher, made fit for Kubeflow: ExecutorOutput as a dict."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

Message = dict[str, Any]


def read(path: str) -> Message:
    """Reads the file; empty if there is none."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write(message: Message, path: str) -> None:
    """Writes the file."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(message, file, sort_keys=True)


def outputs(message: Message) -> Iterable[Message]:
    """Yields the artifacts."""
    for entry in message.get("artifacts", {}).values():
        yield from entry.get("artifacts", [])


def map_uris_back(message: Message, remote: Mapping[str, str]) -> None:
    """Replaces the local paths by the URIs that Kubeflow gave, in the metadata too."""
    for artifact in outputs(message):
        artifact["uri"] = remote.get(artifact["uri"], artifact["uri"])
        metadata = artifact.get("metadata", {})
        for key, value in metadata.items():
            if isinstance(value, str):
                metadata[key] = remote.get(value, value)


def drop_nulls(message: Message) -> None:
    """Drops metadata without a value: Kubeflow's metadata takes no nulls and fails the step."""
    for artifact in outputs(message):
        metadata = artifact.get("metadata", {})
        artifact["metadata"] = {k: v for k, v in metadata.items() if v is not None}


def merge_metadata(message: Message, earlier: Message) -> None:
    """Adds the metadata that the driver set on the outputs and the executor overwrote."""
    for name, entry in earlier.get("artifacts", {}).items():
        known = message.setdefault("artifacts", {}).setdefault(name, entry)
        for artifact, resolved in zip(
            known.get("artifacts", []), entry.get("artifacts", []), strict=False
        ):
            artifact["metadata"] = {**resolved.get("metadata", {}), **artifact.get("metadata", {})}


def pages_to_files(paths: Iterable[str]) -> None:
    """Puts the page in an HTML artifact's folder in the place of the folder.

    For Kubeflow such an artifact is a file; TFX makes a folder of every artifact.
    """
    for path in paths:
        if not os.path.isdir(path):
            continue
        pages = sorted(name for name in os.listdir(path) if name.endswith(".html"))
        if len(pages) == 1 and len(os.listdir(path)) == 1:
            aside = path + ".page"
            os.replace(os.path.join(path, pages[0]), aside)
            os.rmdir(path)
            os.replace(aside, path)
