"""The pipelines that Kubeflow's code is given: one of each kind that `compile` can write."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.kubeflow.compile import compiler
from pipeline.kubeflow.compile.target import Mount, Target

TARGET = Target(
    name="movielens",
    image="registry.example/recommender:1",
    pipeline_root="minio://mlpipeline/v2/artifacts",
    data_root="/mnt/recommender/data",
    destination="/mnt/recommender/serving_model/movielens",
    mounts=(Mount("recommender", "/mnt/recommender"),),
)
PLACES = {
    "default": {"memory_limit": 12},
    "Trainer": {
        "gpus": 1,
        "node_selector": {"pool": "gpu", "example.com/zone": "a"},
        "tolerations": [
            {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
            {"key": "pool", "value": "gpu", "effect": "NoExecute"},
        ],
        "cpu_request": 4,
        "memory_limit": 16,
    },
    "Gate": {"retries": 3},
}
SECRETS = {
    "default": {"secret_variables": {"SASL_PASSWORD": "kafka/password"}},
    "ExampleGen": {"secret_volumes": {"/etc/gcs": "gcs-key"}},
}
FLINK = {
    "runner": "flink",
    "master": "flink-rest:8081",
    "environment": "external",
    "environment_config": "localhost:50000",
}


@dataclasses.dataclass(frozen=True)
class Variant:
    """What is compiled.

    Attributes:
        settings: Settings over the preset, by section and key.
        target: What differs from TARGET.
        sdk_version: Of the TFX that compiled it, where it shall be another than the installed one;
            the compiled pipeline holds nothing else of it (tests/pipeline/kubeflow/compile).
    """

    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    target: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    sdk_version: str = ""

    def compile(self) -> str:
        """Returns the text of the two documents."""
        target = dataclasses.replace(TARGET, **self.target)
        text = compiler.compile_pipeline(target, "default", self.settings)
        if not self.sdk_version:
            return text
        lines = text.splitlines(keepends=True)
        return "".join(
            f"sdkVersion: {self.sdk_version}\n" if line.startswith("sdkVersion:") else line
            for line in lines
        )


VARIANTS = {
    "default": Variant(),
    "tfx-1.16": Variant(sdk_version="tfx-1.16.0"),
    "tfx-1.21": Variant(sdk_version="tfx-1.21.0"),
    "tuner": Variant({"tuner": {"trials": 4}}),
    "warm-start": Variant({"trainer": {"warm_start": True}}),
    "tuner-and-warm-start": Variant({"tuner": {"trials": 4}, "trainer": {"warm_start": True}}),
    "best-hyperparameters": Variant({"tuner": {"best_from": "minio://mlpipeline/best/7"}}),
    "places": Variant({"kubeflow": {"steps": PLACES, "backoff_factor": 1.5}}),
    "secrets": Variant({"kubeflow": {"steps": SECRETS}}),
    "variables": Variant(
        target={"environment": {"A": "1", "B": 'x y "z" {{q}} $(HOME)', "C": "é"}},
    ),
    "claims": Variant(
        target={
            "mounts": (Mount("models", "/mnt/models"), Mount("data2", "/data2")),
            "data_root": "/data2/ml",
            "destination": "/mnt/models/serving/movielens",
        }
    ),
    "gcs": Variant(target={"data_root": "gs://bucket/data", "pipeline_root": "gs://bucket/root"}),
    "s3": Variant(target={"pipeline_root": "s3://bucket/root"}),
    "schema": Variant(target={"schema_file": "/mnt/recommender/schema.pbtxt"}),
    "no-cache": Variant({"kubeflow": {"steps": {"default": {"cache": False, "retries": 0}}}}),
    "long-name": Variant(target={"name": "movielens-prod-with-a-long-name-for-a-recommender"}),
    "beam": Variant(
        {"beam": FLINK}, {"mounts": (*TARGET.mounts, Mount("artifacts", "/minio"))}
    ),  # the engine's workers see the artifacts on a claim of their own
    "zero-thresholds": Variant(
        {"gate": {"max_drop": 0.0, "min_top_100_accuracy": 0.0}, "data": {"span_pattern": ""}}
    ),
}


@functools.cache
def compiled(name: str) -> str:
    """Returns the compiled text of a variant."""
    return VARIANTS[name].compile()


def write_all(folder: Path) -> dict[str, Path]:
    """Writes all variants; returns their files by name."""
    files = {name: folder / f"{name}.yaml" for name in VARIANTS}
    for name, file in files.items():
        file.write_text(compiled(name), encoding="utf-8")
    return files
