"""The programs of the cluster, built of Kubeflow's sources, and the object store, built of ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.conformance.build import build, locked, run_go
from tests.conformance.source import Version, cache_folder, digest, find_go, tree

S3 = Path(__file__).parent / "s3"


@dataclass(frozen=True)
class Programs:
    """Paths of the programs; `config` is the folder of the API server's settings."""

    api_server: Path
    driver: Path
    launcher: Path
    scheduler: Path
    object_store: Path
    config: Path


def build_all(version: Version) -> Programs:
    """Builds what is not built yet.

    Raises:
        BuildError: Go cannot build it.
    """
    return Programs(
        api_server=build(version, "backend/src/apiserver"),
        driver=build(version, "backend/src/v2/cmd/driver"),
        launcher=build(version, "backend/src/v2/cmd/launcher-v2"),
        scheduler=build(version, "backend/src/crd/controller/scheduledworkflow"),
        object_store=_object_store(),
        config=tree(version) / "backend/src/apiserver/config",
    )


def _object_store() -> Path:
    folder = cache_folder() / "programs" / "s3"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / digest(S3)
    with locked(folder / "lock"):
        if not target.exists():
            aside = target.with_suffix(".building")
            run_go([str(find_go()), "build", "-o", str(aside), "."], S3)
            aside.replace(target)
    return target
