"""The data, the cluster's volumes and the packages of the scenarios."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.kubeflow.compile.target import Mount
from pipeline.sample_data.generate import SampleSpec, write_spec
from tests.conformance.cluster.cluster import BUCKET, METADATA_PORT, Cluster
from tests.conformance.variants import TARGET, Variant

DATA, MODELS = "rating-files", "served-models"  # names of claims
ROOT = f"minio://{BUCKET}/v2/artifacts"
GOOGLE_ROOT, S3_ROOT = f"gs://{BUCKET}/root", f"s3://{BUCKET}/root"
# Small: it is not about what is learned.
SPEC = SampleSpec(users=200, movies=300, ratings=8_000)
SETTINGS: dict[str, Any] = {
    "trainer": {"embedding_dim": 16, "epochs": 2, "batch_size": 64},
    "evaluator": {"bootstrap_samples": 20},
    "serving_check": {"max_latency_ms": 10_000.0},
    "kubeflow": {
        "steps": {
            "default": {"secret_variables": {"SASL_PASSWORD": "kafka/password"}},
            "ExampleGen": {"secret_volumes": {"/etc/feed": "feed-key"}},
            "Trainer": {
                "gpus": 1,
                "node_selector": {"pool": "gpu"},
                "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
            },
        }
    },
}
# The catalogue is small: a hundred movies are a third of it.
VALUES = {"min_top_100_accuracy": 0.1, "min_popularity_ratio": 0.1, "max_drop": 1.0}


@dataclasses.dataclass
class World:
    """The cluster, its volumes and what is submitted to it."""

    cluster: Cluster
    data: Path
    models: Path
    folder: Path

    def write_package(self, name: str, settings: Mapping[str, Any], root: str = ROOT) -> Path:
        """Compiles the pipeline with these settings over the common ones."""
        target = {
            "mounts": (Mount(DATA, "/mnt/data"), Mount(MODELS, "/mnt/models")),
            "data_root": "/mnt/data",
            "destination": "/mnt/models/serving/movielens",
            "pipeline_root": root,
            "environment": {"GREETING": 'a "quoted" {{word}} $(HOME)'},
        }
        merged = {section: dict(keys) for section, keys in SETTINGS.items()}
        for section, keys in settings.items():
            merged[section] = {**merged.get(section, {}), **keys}
        file = self.folder / f"{name}.yaml"
        file.write_text(Variant(merged, target).compile(), encoding="utf-8")
        return file

    def versions(self) -> list[str]:
        """Returns the pushed versions, oldest first."""
        folder = self.models / "serving" / TARGET.name
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def history(self) -> str:
        """Returns the record of pushes and rollbacks."""
        return (self.models / "serving" / "history" / f"{TARGET.name}.jsonl").read_text()


def open_volume(folder: Path) -> Path:
    """Makes the folder of a claim, in which the steps' user may write."""
    folder.mkdir(parents=True)
    os.chmod(folder, 0o777)
    return folder


def write_spans(data: Path, scratch: Path) -> None:
    """Writes two spans: the ratings of one world, its even lines and its odd ones."""
    write_spec(scratch, SPEC)
    ratings = (scratch / "ratings.dat").read_bytes().splitlines(keepends=True)
    for number in (0, 1):
        write_span(data, number, scratch, ratings[number::2])


def write_new_users(data: Path, scratch: Path, number: int) -> None:
    """Writes a span whose users nobody has seen: those of the world, under other ids."""
    ratings = (scratch / "ratings.dat").read_bytes().splitlines(keepends=True)
    write_span(data, number, scratch, [b"1000" + line for line in ratings[::3]])


def write_span(data: Path, number: int, scratch: Path, ratings: list[bytes]) -> None:
    """Writes one span, with the users and movies of the world."""
    folder = data / f"span-{number}"
    folder.mkdir()
    (folder / "ratings.dat").write_bytes(b"".join(ratings))
    for name in ("movies.dat", "users.dat"):
        shutil.copyfile(scratch / name, folder / name)


def read_metrics(run_id: str) -> dict[str, dict[str, Any]]:
    """Returns the custom properties of the artifacts of a run, by `task.output`.

    Args:
        run_id: Id of the run, a part of the address of its artifacts.
    """
    return {
        name: {key: _plain(value) for key, value in artifact.custom_properties.items()}
        for name, artifact in _artifacts(run_id).items()
    }


def read_addresses(run_id: str) -> dict[str, str]:
    """Returns the addresses of the artifacts that a run has made, by `task.output`."""
    return {name: artifact.uri for name, artifact in _artifacts(run_id).items()}


def _artifacts(run_id: str) -> dict[str, Any]:
    from ml_metadata.metadata_store import metadata_store
    from ml_metadata.proto import metadata_store_pb2

    config = metadata_store_pb2.MetadataStoreClientConfig(host="localhost", port=METADATA_PORT)
    found = {}
    for artifact in metadata_store.MetadataStore(config).get_artifacts():
        _, is_of_run, rest = artifact.uri.partition(f"/{run_id}/")
        if is_of_run:
            task, _, name = rest.split("/")[:3]
            found[f"{task}.{name}"] = artifact
    return found


def _plain(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))
