"""What an engine outside the steps must see: the folder where the launcher keeps artifacts."""

from __future__ import annotations

from components.errors import ConfigError
from pipeline.config.beam import BeamConfig
from pipeline.config.beam_engines import beam_args
from pipeline.kubeflow.compile.target import Mount, Target
from pipeline.kubeflow.launcher import LOCAL_ROOTS

IN_STEP, DATAFLOW, ELSEWHERE = "in the step", "Dataflow", "elsewhere"
_DIRECT = ("DirectRunner", "BundleBasedDirectRunner", "FnApiRunner", "SwitchingDirectRunner")


def place(config: BeamConfig) -> str:
    """Returns where the workers of an engine run: in the step, on Dataflow or elsewhere."""
    if config.environment == "loopback":
        return IN_STEP
    runners = [text.partition("=")[2] for text in beam_args(config) if text.startswith("--runner=")]
    runner = runners[-1].rpartition(".")[2] if runners else _DIRECT[0]
    if runner.lower().startswith("dataflow"):
        return DATAFLOW
    return IN_STEP if runner.lower() in [*map(str.lower, _DIRECT), "direct"] else ELSEWHERE


def artifacts_folder(target: Target) -> str:
    """Returns the folder of a container below which the launcher keeps artifacts, as `/minio`."""
    scheme = target.pipeline_root.partition("://")[0] + "://"
    return LOCAL_ROOTS[scheme].rstrip("/")


def shared_mounts(target: Target) -> list[Mount]:
    """Returns the volumes that stand in the place of the launcher's folder, in steps with Beam."""
    return [mount for mount in target.mounts if mount.path == artifacts_folder(target)]


def check_engine(config: BeamConfig, target: Target) -> None:
    """Refuses an engine whose workers could not see what a step reads and writes.

    Raises:
        ConfigError: One line that says what has to be shared, and how.
    """
    where = place(config)
    if where == ELSEWHERE and not shared_mounts(target):
        folder = artifacts_folder(target)
        raise ConfigError(
            f"beam: the engine's workers do not see {folder}, where each step keeps its artifacts; "
            f"give --pvc CLAIM:{folder} with a ReadWriteMany claim, and mount it at the same place "
            "in the workers"
        )
    if where == DATAFLOW:
        roots = {"--pipeline-root": target.pipeline_root, "--data-root": target.data_root}
        for option, path in roots.items():
            if not path.startswith("gs://"):
                raise ConfigError(
                    f"{option}: the workers of Dataflow see buckets of Google Cloud only; "
                    "accepted: gs://BUCKET/…"
                )
