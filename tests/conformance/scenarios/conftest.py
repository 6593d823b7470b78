"""The cluster, and the three whole runs that the scenarios look at."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import source
from tests.conformance.cluster import cluster as kubeflow
from tests.conformance.cluster import database
from tests.conformance.cluster.argo import Run
from tests.conformance.cluster.processes import stop
from tests.conformance.scenarios.world import (
    DATA,
    GOOGLE_ROOT,
    MODELS,
    S3_ROOT,
    VALUES,
    World,
    open_volume,
    write_new_users,
    write_spans,
)

# The newest release. Its metadata are in ML Metadata; KFP_CLUSTER names another release.
CLUSTER = os.environ.get("KFP_CLUSTER", "2.17.0")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives the one version whose programs are run."""
    if "cluster_version" in metafunc.fixturenames:
        known = [one for one in source.versions() if one.name == CLUSTER]
        versions = known or [source.Version(CLUSTER)]
        metafunc.parametrize("cluster_version", versions, ids=[CLUSTER], scope="session")


@dataclasses.dataclass
class Finished:
    """A run of the pipeline.

    Attributes:
        run: What became of its steps.
        run_id: Its id in Kubeflow.
        attempts: Tasks whose container was started, once for each attempt.
        before: Versions on the volume before it.
        after: Those after it.
    """

    run: Run
    run_id: str
    attempts: list[str]
    before: list[str]
    after: list[str]


@pytest.fixture(scope="session")
def world(
    cluster_version: source.Version, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A cluster with data in two spans, on a claim of their own."""
    if cluster_version not in source.versions():
        pytest.skip(f"{source.SOURCE} has no {CLUSTER}, whose programs the scenarios run")
    if os.geteuid():
        pytest.skip("the scenarios need root: each pod gets a root file system of its own")
    if database.missing():
        pytest.skip(database.missing())
    folder = tmp_path_factory.mktemp("cluster")
    data, models = open_volume(folder / "claims" / DATA), open_volume(folder / "claims" / MODELS)
    write_spans(data, folder / "world")
    claims = {DATA: data, MODELS: models}
    with kubeflow.start(cluster_version, folder, claims) as started:
        started.secret("kafka", password="a secret of the test")
        started.secret("feed-key", key="another")
        yield World(started, data, models, folder)


def finish(world: World, package: Path, values: dict[str, object], kill: str = "") -> Finished:
    """Submits and runs; kills the first attempt of a step."""
    before, attempts = world.versions(), list[str]()

    def hook(label: str, attempt: int, process: subprocess.Popen[bytes]) -> None:
        attempts.append(label.split("/")[2])
        if kill and label.split("/")[2] == kill and attempt == 0:
            stop(process)

    workflow = world.cluster.submit(package, values)
    run = world.cluster.run(workflow, hook)
    run_id = workflow["metadata"]["labels"]["pipeline/runid"]
    for node in run.nodes.values():
        print(f"{node.label:45}{node.phase:12}{node.seconds:6.1f} s  {node.message[:200]}")
    return Finished(run, run_id, attempts, before, world.versions())


@pytest.fixture(scope="session")
def package(world: World) -> Path:
    """The pipeline with secrets, two claims, and a place for the Trainer."""
    return world.write_package("movielens", {})


@pytest.fixture(scope="session")
def first(world: World, package: Path) -> Finished:
    """The first run: nothing is live yet, and LiveModel is killed once."""
    return finish(world, package, VALUES, kill="LiveModel")


@pytest.fixture(scope="session")
def later(world: World, package: Path, first: Finished) -> tuple[Finished, Finished]:
    """Two runs at the same time: a span of new users has come, and the first model is live.

    The one is of the package of the first; more buckets are allowed than in a new installation,
    which the first run had. The other has Tuner and warm start, writes to another bucket, and asks
    for too much.
    """
    write_new_users(world.data, world.folder / "world", 2)
    world.cluster.allow_buckets()
    settings = {
        "tuner": {"trials": 2},
        "trainer": {"warm_start": True},
        "drift": {"newest_span": False},  # two steps less
    }
    tuned = world.write_package("tuned", settings, GOOGLE_ROOT)
    too_much = {**VALUES, "min_top_100_accuracy": 0.999, "epochs": 1}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(finish, world, *one) for one in ((package, VALUES), (tuned, too_much))]
        second, refused = (run.result() for run in runs)
    return second, refused


@pytest.fixture(scope="session")
def second(later: tuple[Finished, Finished]) -> Finished:
    """The second run of the package."""
    return later[0]


@pytest.fixture(scope="session")
def refused(later: tuple[Finished, Finished]) -> Finished:
    """A run whose model is refused."""
    return later[1]


@pytest.fixture(scope="session")
def elsewhere(world: World, later: tuple[Finished, Finished]) -> Path:
    """The same pipeline as `package`, with its artifacts in a bucket of S3."""
    return world.write_package("elsewhere", {}, S3_ROOT)
