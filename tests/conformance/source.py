"""Where Kubeflow's own code comes from: the versions of a checkout, and the sources of each.

KFP_SOURCE names a git repository of kubeflow/pipelines, bare or with a work tree, from which each
version is taken by its tag; or a plain folder with the sources of one version. KFP_VERSIONS names
the versions to check, as `2.5.0 2.17.0`; `HEAD` is the newest commit of the repository.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCE, VERSIONS = "KFP_SOURCE", "KFP_VERSIONS"
HOW = (
    f"Kubeflow's own code is not checked here: {{missing}}. Get the sources by `git clone "
    f"https://github.com/kubeflow/pipelines`, set {SOURCE} to that folder, and install Go 1.26 or "
    "newer (https://go.dev/dl), then `make conformance`"
)
HEAD = "HEAD"
# The first version whose API is the one that we use; the newest patch of each minor version counts.
OLDEST = (2, 2)
# What the programs are built from.
PARTS = ("api", "backend", "kubernetes_platform", "third_party", "go.mod", "go.sum")
_RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True)
class Version:
    """One version of Kubeflow.

    Attributes:
        name: As in `2.17.0`; of HEAD the date of its commit too.
        commit: Commit in the repository; empty for a plain folder.
    """

    name: str
    commit: str = ""

    @property
    def label(self) -> str:
        """The name as part of a test's id."""
        return self.name.partition(" ")[0]


class NoSourceError(Exception):
    """There is no source here, or none of a version."""


def cache_folder() -> Path:
    """Returns where sources and built programs are kept between calls."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "two-tower-conformance"


def find_go() -> str | None:
    """Returns the path of the Go command, on PATH or where Go's own archive puts it."""
    return shutil.which("go") or shutil.which("/usr/local/go/bin/go")


def missing() -> str:
    """Returns what the check needs and is not there, with how to get it; empty if all is there."""
    folder = os.environ.get(SOURCE, "")
    if not folder:
        return HOW.format(missing=f"{SOURCE} is not set")
    if not Path(folder).is_dir():
        return HOW.format(missing=f"{SOURCE}={folder} is no folder")
    if not find_go():
        return HOW.format(missing="there is no Go")
    return ""


def repository() -> Path:
    """Returns the folder that KFP_SOURCE names."""
    return Path(os.environ[SOURCE]).resolve()


def is_git() -> bool:
    """Returns whether KFP_SOURCE names a git repository, bare or not."""
    folder = repository()
    if not (folder / ".git").exists() and not (folder / "HEAD").is_file():
        return False  # a plain folder, perhaps inside a repository of something else
    return not _git("rev-parse", "--git-dir", check=False).returncode


@functools.cache
def versions() -> tuple[Version, ...]:
    """Returns the versions to check, oldest first; none where there is no source."""
    if missing():
        return ()
    if not is_git():
        file = repository() / "VERSION"
        return (Version(file.read_text().strip() if file.is_file() else repository().name),)
    chosen = os.environ.get(VERSIONS, "").split() or [*newest_patches(_tags()), HEAD]
    return tuple(_version(name) for name in chosen)


def newest_patches(tags: list[str]) -> list[str]:
    """Returns the newest release of each minor version from 2.2 on, oldest first."""
    releases = sorted(
        tuple(map(int, match.groups())) for tag in tags if (match := _RELEASE.fullmatch(tag))
    )
    newest = {release[:2]: release for release in releases if release[:2] >= OLDEST}
    return [".".join(map(str, release)) for release in newest.values()]


def tree(version: Version) -> Path:
    """Returns a folder with the sources of a version, which nobody changes.

    Raises:
        NoSourceError: The repository cannot give them.
    """
    if not version.commit:
        return repository()
    target = cache_folder() / "sources" / version.commit
    if not target.exists():
        aside = target.with_name(f"{target.name}.{os.getpid()}")
        aside.mkdir(parents=True)
        present = _git("ls-tree", "--name-only", version.commit).stdout.decode().split()
        archive = _git("archive", version.commit, *(part for part in PARTS if part in present))
        subprocess.run(["tar", "-x", "-C", str(aside)], input=archive.stdout, check=True)
        aside.replace(target)
    return target


def digest(folder: Path) -> str:
    """Returns a digest of the files of a folder of ours."""
    known = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        known.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return known.hexdigest()[:16]


def _tags() -> list[str]:
    return _git("tag", "--list").stdout.decode().split()


def _version(name: str) -> Version:
    found = _git("log", "-1", "--format=%H %cs", name, "--", check=False)
    if found.returncode:
        raise NoSourceError(f"{VERSIONS}: {repository()} has no version {name!r}")
    commit, date = found.stdout.decode().split()
    return Version(f"{name} of {date}" if name == HEAD else name, commit)


def _git(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-c", "safe.directory=*", "-C", str(repository()), *arguments]
    done = subprocess.run(command, capture_output=True, check=False)
    if check and done.returncode:
        raise NoSourceError(f"{repository()}: {done.stderr.decode().strip()}")
    return done
