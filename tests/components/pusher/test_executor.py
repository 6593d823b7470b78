"""The Pusher next to TFX's own: the same decisions, the same marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfx import types
from tfx.components.pusher import executor as stock
from tfx.proto import pusher_pb2
from tfx.types import channel, standard_artifacts
from tfx.utils import proto_utils

from components.pusher.component import Pusher
from components.pusher.executor import Executor
from components.served_versions.versions import find_live
from tests.components.evaluator.synthetic import artifact
from tests.components.served_versions.test_versions import write_version


def blessing(kind: type[types.Artifact], folder: Path, blessed: int | None) -> types.Artifact:
    created = artifact(kind, folder)
    if blessed is not None:
        created.set_int_custom_property("blessed", blessed)
    return created


def push(
    executor: stock.Executor, folder: Path, model_blessed: int | None, infra_blessed: int | None
) -> tuple[types.Artifact, Path]:
    write_version(folder / "model", "Format-Serving")
    pushed = artifact(standard_artifacts.PushedModel, folder / "pushed")
    inputs = {
        "model": [artifact(standard_artifacts.Model, folder / "model")],
        "model_blessing": [blessing(standard_artifacts.ModelBlessing, folder, model_blessed)],
        "infra_blessing": [blessing(standard_artifacts.InfraBlessing, folder, infra_blessed)],
    }
    destination = folder / "serving"
    to = pusher_pb2.PushDestination(
        filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=str(destination))
    )
    executor.Do(
        inputs, {"pushed_model": [pushed]}, {"push_destination": proto_utils.proto_to_json(to)}
    )
    return pushed, destination


@pytest.mark.parametrize("model_blessed", [None, 0, 1])
@pytest.mark.parametrize("infra_blessed", [None, 0, 1])
def test_executor_pushes_exactly_what_the_stock_pusher_pushes(
    tmp_path: Path, model_blessed: int | None, infra_blessed: int | None
) -> None:
    ours, folder = push(Executor(), tmp_path / "ours", model_blessed, infra_blessed)
    theirs, _ = push(stock.Executor(), tmp_path / "stock", model_blessed, infra_blessed)
    assert ours.get_int_custom_property("pushed") == theirs.get_int_custom_property("pushed")
    both = model_blessed == 1 and infra_blessed == 1
    assert (find_live(folder) is not None) == both


def test_executor_marks_the_artifact_as_stock_does(tmp_path: Path) -> None:
    ours, folder = push(Executor(), tmp_path / "ours", 1, 1)
    theirs, _ = push(stock.Executor(), tmp_path / "stock", 1, 1)
    live = find_live(folder)
    assert live is not None
    assert ours.get_string_custom_property("pushed_version") == live[0]
    assert ours.get_string_custom_property("pushed_destination") == str(live[1])
    assert set(ours.mlmd_artifact.custom_properties) == set(theirs.mlmd_artifact.custom_properties)
    archived = sorted(path.name for path in Path(ours.uri).rglob("*"))
    assert archived == sorted(path.name for path in Path(theirs.uri).rglob("*"))


def test_executor_object_store_is_left_to_the_stock_pusher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(stock.Executor, "Do", lambda self, *arguments: seen.append(arguments))
    to = pusher_pb2.PushDestination(
        filesystem=pusher_pb2.PushDestination.Filesystem(base_directory="gs://bucket/movies")
    )
    Executor().Do({}, {}, {"push_destination": proto_utils.proto_to_json(to)})
    assert len(seen) == 1


def test_component_has_the_stock_type_and_our_executor() -> None:
    kinds = {
        "model": standard_artifacts.Model,
        "model_blessing": standard_artifacts.ModelBlessing,
        "infra_blessing": standard_artifacts.InfraBlessing,
    }
    channels = {name: channel.Channel(type=kind) for name, kind in kinds.items()}
    pusher = Pusher(**channels, destination="/x", token="1")
    assert pusher.EXECUTOR_SPEC.executor_class is Executor
    assert set(pusher.inputs) == set(kinds)
    # The token is among what TFX compares before it uses a cached result.
    again = Pusher(**channels, destination="/x", token="2")
    assert pusher.exec_properties != again.exec_properties
