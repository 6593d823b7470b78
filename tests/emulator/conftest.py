"""A cluster with data on a volume, and one run of the whole graph that the scenarios start from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pipeline.kubeflow.compile import compiler
from pipeline.kubeflow.compile.target import Mount, Target
from pipeline.sample_data.generate import SampleSpec, write_spec
from tests.emulator.backend import Backend, Run
from tests.emulator.spec import Uploaded, upload

CLAIM = "recommender"
# Small enough for CI, large enough for the towers to be better than popularity.
SETTINGS = {
    "trainer": {"embedding_dim": 32, "epochs": 10, "batch_size": 64},
    "evaluator": {"bootstrap_samples": 20},
    "serving_check": {"max_latency_ms": 5000.0},
}
# The catalogue is small: a hundred movies are a fifth of it.
RUN_PARAMETERS = {"min_top_100_accuracy": 0.1, "min_popularity_ratio": 1.0}


@dataclasses.dataclass
class Cluster:
    """A backend, the pipeline uploaded to it, and the folder of the volume."""

    backend: Backend
    uploaded: Uploaded
    volume: Path

    def versions(self) -> list[str]:
        """Returns the pushed versions."""
        folder = self.volume / "serving_model" / "movielens"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """A cluster with a volume that holds generated data."""
    root = tmp_path_factory.mktemp("cluster")
    volume, mount = root / "claims" / CLAIM, root / "mnt"
    write_spec(volume / "data", SampleSpec(users=400, movies=500, ratings=24_000))
    target = Target(
        name="movielens",
        image="registry.example/recommender:1",
        pipeline_root="minio://mlpipeline/v2/artifacts",
        data_root=f"{mount}/data",
        destination=f"{mount}/serving_model/movielens",
        mounts=(Mount(CLAIM, str(mount)),),
    )
    text = compiler.compile_pipeline(target, "default", SETTINGS)
    return Cluster(Backend(root / "cluster", claims={CLAIM: volume}), upload(text), volume)


@pytest.fixture(scope="session")
def first(cluster: Cluster) -> Run:
    """The first run of the whole graph: nothing is live yet."""
    run = cluster.backend.run(cluster.uploaded, RUN_PARAMETERS)
    for one in run.values():
        print(f"{one.task:18}{one.state:10}{one.seconds:7.1f} s{one.cpu_seconds:7.1f} s processor")
    return run
