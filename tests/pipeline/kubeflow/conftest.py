"""The compiled pipeline, once for all tests of this folder."""

from __future__ import annotations

import pytest

from pipeline.kubeflow.compile import compiler
from pipeline.kubeflow.compile.target import Mount, Target


@pytest.fixture(scope="session")
def target() -> Target:
    """A cluster with one volume for data and models."""
    return Target(
        name="movielens",
        image="registry.example/recommender:1",
        pipeline_root="minio://mlpipeline/v2/artifacts",
        data_root="/mnt/recommender/data",
        destination="/mnt/recommender/serving_model/movielens",
        mounts=(Mount("recommender", "/mnt/recommender"),),
    )


@pytest.fixture(scope="session")
def package(target: Target) -> str:
    """The text that `compile` writes with default settings."""
    return compiler.compile_pipeline(target, "default", {})
