"""What the launcher hands to a container, made fit for TFX: ExecutorInput as a dict."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.errors import DataError
from pipeline.kubeflow.launcher import LOCAL_ROOTS, title

Message = dict[str, Any]

# Tests run where nobody may write to /minio: everything is then below this folder.
ROOT_VARIABLE = "KFP_LOCAL_ROOT"

# What Kubeflow adds to artifacts and TFX would take for properties of theirs.
INJECTED_METADATA = ("display_name", "store_session_info", "_kfp_workspace")
INJECTED_OUTPUTS = ("executor-logs",)

# How an artifact is marked that stands for nothing, as LiveModel's where nothing is live.
ABSENT = "absent"

# The types by which Kubeflow's page knows what to show, and our classes for them.
CLASSES = {
    "system.Metrics": "components.artifacts.Metrics",
    "system.HTML": "components.artifacts.Html",
}


def artifact_lists(message: Message, side: str) -> dict[str, list[Message]]:
    """Returns the artifacts of one side (`inputs`, `outputs`) by name."""
    artifacts = message.get(side, {}).get("artifacts", {})
    return {name: entry.get("artifacts", []) for name, entry in artifacts.items()}


def artifacts(message: Message, *sides: str) -> Iterator[Message]:
    """Yields every artifact of some sides, or else of both."""
    for side in sides or ("inputs", "outputs"):
        for group in artifact_lists(message, side).values():
            yield from group


def drop_injected(message: Message) -> None:
    """Drops the outputs and the metadata that Kubeflow adds and TFX cannot type."""
    outputs = message.get("outputs", {}).get("artifacts", {})
    for name in INJECTED_OUTPUTS:
        outputs.pop(name, None)
    for artifact in artifacts(message):
        for key in INJECTED_METADATA:
            artifact.get("metadata", {}).pop(key, None)


def fill_types(message: Message, inputs_spec: Mapping[str, Any]) -> None:
    """Gives each input the type that its component declares: the launcher sends none."""
    declared = inputs_spec.get("artifacts", {})
    for name, group in artifact_lists(message, "inputs").items():
        for artifact in group:
            artifact["type"] = dict(declared[name]["artifactType"])


def name_classes(message: Message) -> None:
    """Replaces the titles that are Kubeflow's by the import paths of our classes."""
    for artifact in artifacts(message):
        name = title(artifact["type"])
        if name in CLASSES:
            artifact["type"] = {"instanceSchema": f"title: {CLASSES[name]}\ntype: object\n"}


def to_local(uri: str) -> str:
    """Returns where the launcher keeps an artifact; a URI of another scheme stays as it is."""
    for scheme, folder in LOCAL_ROOTS.items():
        if uri.startswith(scheme):
            return os.environ.get(ROOT_VARIABLE, "") + folder + uri[len(scheme) :]
    return uri


def is_remote(uri: str) -> bool:
    """Returns whether a URI was left as it is."""
    return "://" in uri


def map_uris(message: Message, kept: tuple[str, ...] = ()) -> dict[str, str]:
    """Replaces the URIs by local paths: TFX's file layer does not know minio://.

    Args:
        message: ExecutorInput.
        kept: Schemes of URIs that stay, because workers elsewhere read and write there themselves.

    Returns:
        Local path → URI of each artifact, to map them back.
    """
    remote = {}
    for artifact in artifacts(message):
        if artifact["uri"].startswith(kept):
            continue
        remote[to_local(artifact["uri"])] = artifact["uri"]
        artifact["uri"] = to_local(artifact["uri"])
    return remote


def is_absent(group: Sequence[Message]) -> bool:
    """Returns whether the artifacts of an input stand for nothing."""
    return any(artifact.get("metadata", {}).get(ABSENT) == 1 for artifact in group)


def check_inputs(message: Message, node_id: str) -> None:
    """Refuses inputs of which nothing was downloaded, unless there is nothing by intention.

    Raises:
        DataError: Files of an input are gone from the bucket.
    """
    for name, group in artifact_lists(message, "inputs").items():
        for artifact in group:
            path = artifact["uri"]
            if is_absent([artifact]) or is_remote(path) or os.path.isfile(path):
                continue
            if not any(files for _, _, files in os.walk(path)):
                raise DataError(
                    f"the input {name!r} of {node_id} is empty: its files are gone from the "
                    "bucket; run its producer again"
                )


def make_folders(message: Message) -> None:
    """Makes the folders of inputs, which are lost where they are empty, and of outputs."""
    for artifact in artifacts(message):
        if not is_remote(artifact["uri"]) and not os.path.isfile(artifact["uri"]):
            os.makedirs(artifact["uri"], exist_ok=True)
    os.makedirs(os.path.dirname(message["outputs"]["outputFile"]), exist_ok=True)


def parameter_values(message: Message) -> dict[str, Any]:
    """Returns the parameters by name, to be read and changed."""
    return message.setdefault("inputs", {}).setdefault("parameterValues", {})
