"""Where a compiled pipeline is to run; what could never run there is refused here.

The rules for names are those of Kubernetes (DNS-1123), of container references, and of TFX.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from components.errors import ConfigError, shown
from components.literal_paths import SPECIAL, special_characters
from pipeline.config.kubeflow import LABEL

# Relative to the folder of the sources in the image, the working directory of every container.
SCHEMA = "schemas/interactions.pbtxt"

_PIPELINE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_CLAIM = re.compile(LABEL)  # Kubeflow names the volume after it: no subdomain as other claims
_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{{1,5}})?/)?{_PART}(?:/{_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,128})?"
)
_BUCKET = re.compile(r"(?:minio|s3|gs)://[a-z0-9](?:[a-z0-9._-]{0,220}[a-z0-9])?(?:/.*)?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LONGEST_IMAGE = 500


@dataclass(frozen=True)
class Mount:
    """A PersistentVolumeClaim and where containers see it."""

    claim: str
    path: str

    def __post_init__(self) -> None:
        """Refuses what Kubernetes refuses, with the container already waiting for its volume."""
        if not _CLAIM.fullmatch(self.claim):
            raise ConfigError(
                f"--pvc: {shown(self.claim)} is no name of a claim that Kubeflow can mount; "
                "accepted: at most 63 lower-case letters, digits and '-'"
            )
        check_path(self.path, "--pvc")
        if self.path == "/" or ":" in self.path or not self.path.startswith("/"):
            raise ConfigError(
                f"--pvc: {shown(self.path)} is no place for a volume; accepted: a folder below /, "
                "without ':'"
            )

    @classmethod
    def parse(cls, text: str) -> Mount:
        """Reads CLAIM:/PATH.

        Raises:
            ConfigError: It is something else.
        """
        claim, colon, path = text.partition(":")
        if not (claim and colon and path.startswith("/")):
            raise ConfigError(f"--pvc: {shown(text)} is not CLAIM:/PATH, as in recommender:/mnt")
        return cls(claim, path.rstrip("/") or "/")

    def holds(self, path: str) -> bool:
        """Returns whether a path is on the volume."""
        return PurePosixPath(self.path) in (PurePosixPath(path), *PurePosixPath(path).parents)


@dataclass(frozen=True)
class Target:
    """Where the compiled pipeline is to run.

    Attributes:
        name: Pipeline name: lower-case letters, digits and '-'.
        image: Container image of all steps.
        pipeline_root: Where artifacts go: minio://, s3:// or gs://.
        data_root: Default data location, as containers see it.
        destination: Folder of the served versions, as containers see it.
        schema_file: Schema, relative to the image's working directory or on a volume.
        mounts: Volumes.
        environment: Environment variables of every container.
    """

    name: str
    image: str
    pipeline_root: str
    data_root: str
    destination: str
    schema_file: str = SCHEMA
    mounts: tuple[Mount, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuses what cannot work on any cluster.

        Raises:
            ConfigError: One line that names the option and what is accepted.
        """
        if not _PIPELINE_NAME.fullmatch(self.name):
            raise ConfigError(
                f"--pipeline-name: {shown(self.name)}; accepted: at most 63 lower-case letters, "
                "digits and '-', with a letter or digit at both ends"
            )
        if len(self.image) > _LONGEST_IMAGE or not _IMAGE.fullmatch(self.image):
            raise ConfigError(
                f"--image: {shown(self.image)} is no image; accepted: NAME:TAG, as in "
                "registry.example/recommender:1"
            )
        if not _BUCKET.fullmatch(self.pipeline_root):
            raise ConfigError(
                f"--pipeline-root: {shown(self.pipeline_root)} must begin with minio://, s3:// or "
                "gs://, and the name of a bucket"
            )
        check_path(self.pipeline_root, "--pipeline-root")
        check_literal(self.pipeline_root, "--pipeline-root")
        check_path(self.data_root, "--data-root")
        check_path(self.destination, "--serving-root")
        check_literal(self.destination, "--serving-root")
        check_path(self.schema_file, "--schema")
        self._check_mounts()
        for name, value in self.environment.items():
            if not _VARIABLE.fullmatch(name) or "\0" in value:
                raise ConfigError(f"--env: {shown(name)} is no variable; accepted: NAME=VALUE")

    def is_on_volume(self, path: str) -> bool:
        """Returns whether a path, as containers see it, is on one of the volumes."""
        return any(mount.holds(path) for mount in self.mounts)

    def _check_mounts(self) -> None:
        paths = [PurePosixPath(mount.path) for mount in self.mounts]
        for path in paths:
            if paths.count(path) > 1:
                raise ConfigError(f"--pvc: two volumes at {shown(path, quote=False)}")


def check_literal(path: str, option: str) -> None:
    """Refuses a place that Beam and TensorFlow would read as a pattern.

    Raises:
        ConfigError: It has such a character.
    """
    if found := special_characters(path):
        raise ConfigError(
            f"{option}: {shown(path)} holds {' '.join(found)}, which Beam and TensorFlow read as a "
            f"pattern; accepted: a path without {SPECIAL}"
        )


def check_path(path: str, option: str) -> None:
    """Refuses a place that no container sees as it is written.

    Raises:
        ConfigError: It is empty, has `..` or a line end in it, or a scheme without a bucket.
    """
    scheme, has_scheme, rest = path.rpartition("://")
    if not path or not path.isprintable() or path != path.strip():
        raise ConfigError(f"{option}: {shown(path)} is no path")
    if ".." in PurePosixPath(path).parts:
        raise ConfigError(f"{option}: {shown(path)} has '..' in it; accepted: the folder itself")
    if has_scheme and not re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme):
        raise ConfigError(f"{option}: {shown(path)} is no address; accepted: gs://BUCKET/…")
    if has_scheme and not re.match(r"[A-Za-z0-9]", rest):
        raise ConfigError(f"{option}: {shown(path)} has no bucket; accepted: {scheme}://BUCKET/…")
