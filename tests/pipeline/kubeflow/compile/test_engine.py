"""An engine outside the steps needs what the steps see."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from components.errors import ConfigError
from pipeline.config.beam import BeamConfig
from pipeline.kubeflow.compile import compiler, engine
from pipeline.kubeflow.compile.target import Mount, Target
from tests.emulator.spec import upload

POOL = {"environment": "external", "environment_config": "localhost:50000"}
FLINK: dict[str, Any] = {"runner": "flink", "master": "flink:8081", **POOL}
DATAFLOW: dict[str, Any] = {
    "runner": "dataflow",
    "project": "p",
    "region": "r",
    "temp_location": "gs://b/t",
    "environment_config": "i:1",
}


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({}, engine.IN_STEP),
        ({"runner": "processes", "workers": 2}, engine.IN_STEP),
        ({"args": ("--runner=DirectRunner",)}, engine.IN_STEP),
        (
            {"runner": "portable", "job_endpoint": "h:1", "environment": "loopback"},
            engine.IN_STEP,
        ),
        (FLINK, engine.ELSEWHERE),
        ({"args": ("--runner=SparkRunner",)}, engine.ELSEWHERE),
        (DATAFLOW, engine.DATAFLOW),
        ({"args": ("--runner=apache_beam.runners.DataflowRunner",)}, engine.DATAFLOW),
    ],
)
def test_place_of_an_engine(settings: dict[str, Any], place: str) -> None:
    assert engine.place(BeamConfig(**settings)) == place


def test_compile_refuses_flink_that_would_not_see_the_artifacts(target: Target) -> None:
    with pytest.raises(ConfigError, match="do not see /minio"):
        compiler.compile_pipeline(target, "default", {"beam": FLINK})


@pytest.mark.slow
def test_compile_mounts_the_shared_folder_where_beam_runs(target: Target) -> None:
    shared = Mount("artifacts", "/minio")
    target = dataclasses.replace(target, mounts=(*target.mounts, shared))
    uploaded = upload(compiler.compile_pipeline(target, "default", {"beam": FLINK}))
    paths = {
        name: [mount["mountPath"] for mount in uploaded.kubernetes(name).get("pvcMount", [])]
        for name in uploaded.tasks
    }
    for step in ("StatisticsGen", "Transform", "Evaluator"):
        assert paths[step] == ["/minio"], step
    assert paths["ExampleGen"] == ["/mnt/recommender", "/minio"]
    assert paths["Trainer"] == []


@pytest.mark.parametrize("option", ["pipeline_root", "data_root"])
def test_check_engine_refuses_dataflow_without_buckets(target: Target, option: str) -> None:
    places = {"pipeline_root": "gs://b/r", "data_root": "gs://b/d"}
    places[option] = getattr(target, option)
    with pytest.raises(ConfigError, match="Dataflow see buckets"):
        engine.check_engine(BeamConfig(**DATAFLOW), dataclasses.replace(target, **places))
