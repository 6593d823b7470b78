"""The Pusher alone, with TFX's own executor: what it leaves on the volume and in the history."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from components.evaluator.result import FILE_NAME, EvaluationResult
from pipeline.kubeflow.compile import compiler
from pipeline.kubeflow.compile.target import Mount, Target
from pipeline.local.workspace.versions import list_versions
from pipeline.local.workspace.workspace import Workspace
from tests.emulator.backend import SUCCEEDED, Artifact, Backend, Execution
from tests.emulator.spec import Uploaded, upload
from tests.pipeline.local.synthetic import write_model

pytestmark = pytest.mark.slow


def produced(backend: Backend, uploaded: Uploaded) -> dict[str, Execution]:
    """Returns executions of all steps but the Pusher; of their files only those that it reads."""
    done = {}
    for task in uploaded.tasks:
        outputs = uploaded.component(task).get("outputDefinitions", {}).get("artifacts", {})
        done[task] = Execution(task, SUCCEEDED)
        for name in outputs:
            properties: dict[str, Any] = {"blessed": 1} if name == "blessing" else {}
            artifact = Artifact(len(done), f"minio://mlpipeline/{task}/{name}", "", properties)
            done[task].outputs[name] = artifact
            backend.files(artifact).mkdir(parents=True)
            (backend.files(artifact) / "file").touch()
    del done["Pusher"]
    return done


def test_pushed_version_is_recorded_with_data_and_figures(tmp_path: Path) -> None:
    volume, mount = tmp_path / "claims" / "recommender", tmp_path / "mnt"
    volume.mkdir(parents=True)
    target = Target(
        name="movielens",
        image="registry.example/recommender:1",
        pipeline_root="minio://mlpipeline/v2",
        data_root=f"{mount}/data",
        destination=f"{mount}/serving_model/movielens",
        mounts=(Mount("recommender", str(mount)),),
    )
    uploaded = upload(compiler.compile_pipeline(target, "default", {}))
    backend = Backend(tmp_path / "cluster", claims={"recommender": volume})
    done = produced(backend, uploaded)
    write_model(backend.files(done["Trainer"].outputs["model"]) / "Format-Serving")
    examples = backend.files(done["ExampleGen"].outputs["examples"])
    (examples / "summary.json").write_text(json.dumps({"ratings": 9, "last_timestamp": 86_400}))
    result = EvaluationResult(metrics={"top_100_accuracy": 0.25})
    metrics = backend.files(done["Evaluator"].outputs["metrics"])
    (metrics / FILE_NAME).write_text(json.dumps(asdict(result)))

    pusher = backend.run(uploaded, reuse=done)["Pusher"]

    assert pusher.state == SUCCEEDED, pusher.log
    (version,) = list_versions(Workspace(volume, "movielens"))
    assert version.live
    assert pusher.outputs["pushed_model"].properties["pushed_version"] == version.name
    assert version.entry["metrics"] == {"model": {"top_100_accuracy": 0.25}}
    assert version.entry["data"]["ratings"] == 9
    # As the container saw it.
    assert version.entry["pushed"]["path"] == f"{target.destination}/{version.name}"
