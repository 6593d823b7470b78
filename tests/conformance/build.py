"""Builds programs of Kubeflow's sources with Go, and keeps them; the sources stay as they are.

Files of ours become part of the sources by Go's overlay, and the module file that is used is a
copy: modules of Kubeflow itself are taken from the same sources and not from another version.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.source import Version, cache_folder, digest, find_go, tree

MODULES = ("api", "kubernetes_platform", "third_party/ml-metadata")
SECONDS = 1800
# Of our files those that need a package which not every version has.
NEEDS = {"proxy.go": "backend/src/apiserver/config/proxy"}


class BuildError(Exception):
    """Go refuses: with its last words."""


def build(version: Version, package: str, ours: Path | None = None) -> Path:
    """Returns the program of a package, built where it is not there yet.

    Args:
        version: Version of Kubeflow.
        package: Folder of the package in its sources.
        ours: Folder with Go files that are added to the package.

    Raises:
        BuildError: Go cannot build it.
    """
    folder = cache_folder() / "programs" / (version.commit or "folder")
    name = Path(package).name + (f"-{digest(ours)}" if ours else "")
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "lock"):
        if not (folder / name).exists() or not version.commit:  # a folder may have changed
            _build(tree(version), package, ours, folder / name)
    return folder / name


def _build(sources: Path, package: str, ours: Path | None, target: Path) -> None:
    aside = target.with_name(f"{target.name}.building")
    module_file = _module_file(sources, target.with_name("go.mod"))
    command = [str(find_go()), "build", f"-modfile={module_file}", "-mod=mod"]
    if ours:
        overlay = target.with_name("overlay.json")
        overlay.write_text(json.dumps({"Replace": dict(_overlay(sources, package, ours))}))
        command.append(f"-overlay={overlay}")
    command += ["-o", str(aside), f"./{package}"]
    run_go(command, sources)
    aside.replace(target)


def _module_file(sources: Path, copy: Path) -> Path:
    """Copies go.mod and go.sum, with Kubeflow's own modules taken from the sources."""
    for suffix in (".mod", ".sum"):
        copy.with_suffix(suffix).write_bytes((sources / "go").with_suffix(suffix).read_bytes())
    replace = [
        f"-replace=github.com/kubeflow/pipelines/{module}=./{module}"
        for module in MODULES
        if (sources / module / "go.mod").is_file()
    ]
    run_go([str(find_go()), "mod", "edit", *replace, str(copy)], sources)
    return copy


def _overlay(sources: Path, package: str, ours: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(ours.glob("*.go")):
        if file.name not in NEEDS or (sources / NEEDS[file.name]).is_dir():
            yield str(sources / package / file.name), str(file)


def run_go(command: list[str], folder: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Runs a Go command.

    Raises:
        BuildError: It ends with another code than 0.
    """
    flags = {"GOFLAGS": "-buildvcs=false -modcacherw", "GOWORK": "off"}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**environment, **flags},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if "downloading" not in line]
        raise BuildError("\n".join(words[-20:]) or f"{command[:2]} ended with {done.returncode}")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keeps other processes, such as those of xdist, from building the same at the same time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
