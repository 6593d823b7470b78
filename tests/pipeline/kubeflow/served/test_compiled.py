"""What is read of a package that `compile` wrote."""

from __future__ import annotations

from pathlib import Path

import yaml

from pipeline import nodes
from pipeline.kubeflow.client import package as client_package
from pipeline.kubeflow.compile.target import Target
from pipeline.kubeflow.history_root import history_root
from pipeline.kubeflow.served import compiled, one_step
from tests.emulator.spec import upload


def test_facts_of_a_compiled_pipeline(package: str, target: Target, tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(package)
    found = compiled.read(file)
    assert (found.name, found.pipeline_root) == (target.name, target.pipeline_root)
    assert found.images == {target.image}
    assert found.mounts == {"/mnt/recommender": "recommender"}
    assert (found.destination, found.output_root) == (target.destination, "/mnt/recommender")
    assert {nodes.LIVE_MODEL.id, nodes.PUSHER.id, nodes.EVALUATOR.id} <= set(found.steps)
    # The steps of the compiled graph and the commands agree where the history is.
    pusher = found.container(nodes.PUSHER.id)["args"]
    assert pusher[pusher.index("--history_root") + 1] == found.output_root


def test_run_of_one_step_is_taken_by_a_strict_backend(package: str, tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(package)
    text = one_step.one_step(compiled.read(file), "rollback", nodes.PUSHER.id, (), 80)
    uploaded = upload(text)
    assert uploaded.order() == ["Rollback"]
    assert uploaded.kubernetes("Rollback")["pvcMount"][0]["constant"] == "recommender"


def test_description_names_the_image(package: str, target: Target) -> None:
    spec = next(yaml.safe_load_all(package))
    assert f"Image {target.image}." in client_package.description(spec)
    assert client_package.description({"pipelineInfo": {"name": "x"}}) != ""


def test_history_root_is_on_a_volume_or_nowhere() -> None:
    assert history_root("/a/serving_model/m", lambda path: path == "/a") == "/a"
    below = "/a/serving_model"
    assert history_root("/a/serving_model/m", lambda path: path == below) == below
    assert history_root("/a/models/m", lambda path: path == "/a/models") == "/a/models"
    assert history_root("/a/models/m", lambda _: False) is None
