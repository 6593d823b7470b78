"""The locks, the *.in files and setup.py say the same."""

from __future__ import annotations

import re
import runpy
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import setuptools
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
STACKS = {"compatible": ["3.10"], "current": ["3.11", "3.12", "3.13"]}
CASES = [(stack, python) for stack, pythons in STACKS.items() for python in pythons]


def read_lock(name: str, python: str) -> dict[str, str]:
    """Returns the versions that a lock gives to one version of Python."""
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    environment = {**default_environment(), "python_full_version": f"{python}.1"}
    versions: dict[str, str] = {}
    for line in re.findall(r"^(\S+==.*?) \\$", text, re.MULTILINE):
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            assert requirement.name not in versions, f"{requirement.name} twice for {python}"
            versions[requirement.name] = str(requirement.specifier).removeprefix("==")
    return versions


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What setup.py hands to setuptools."""
    captured: dict[str, Any] = {}
    monkeypatch.setattr(setuptools, "setup", captured.update)
    monkeypatch.chdir(ROOT)
    runpy.run_path(str(ROOT / "setup.py"))
    return captured


@pytest.mark.parametrize("path", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda path: path.name)
def test_lock_holds_only_names_versions_markers_and_hashes(path: Path) -> None:
    name = r"[a-z0-9-]+==[0-9a-z.]+( ; python_full_version [<>=]+ '[0-9.*]+')? \\"
    line = re.compile(rf"{name}|    --hash=sha256:[0-9a-f]{{64}}( \\)?")
    odd = [
        text for text in path.read_text(encoding="utf-8").splitlines() if not line.fullmatch(text)
    ]
    assert odd == []


@pytest.mark.parametrize(("stack", "python"), CASES)
def test_setup_admits_what_is_locked(package: dict[str, Any], stack: str, python: str) -> None:
    versions = read_lock(stack, python) | read_lock(f"bench-{stack}", python)
    listed = [*package["install_requires"], *chain(*package["extras_require"].values())]
    for requirement in map(Requirement, listed):
        locked = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(locked), f"{requirement} refuses {locked}"


@pytest.mark.parametrize("python", STACKS["current"])
def test_image_of_the_server_has_the_versions_of_the_lock(python: str) -> None:
    current, server = read_lock("current", python), read_lock("server", python)
    assert server.pop("tensorflow-cpu") == current["tensorflow"]
    assert {name: current[name] for name in server} == server
    assert not {"tfx", "apache-beam", "kfp", "pandas", "pytest", "tensorflow"} & set(server)


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
def test_setup_admits_the_pythons_of_both_stacks(package: dict[str, Any], python: str) -> None:
    assert Requirement(f"x{package['python_requires']}").specifier.contains(f"{python}.1")


@pytest.mark.parametrize("stack", STACKS)
def test_setup_names_every_direct_dependency(package: dict[str, Any], stack: str) -> None:
    listed = [*package["install_requires"], *chain(*package["extras_require"].values())]
    names = {canonicalize_name(Requirement(text).name) for text in listed}
    # Pinned on the current stack only to keep TFX's own pieces together.
    names.add("ml-metadata")
    for file in ("common.in", f"{stack}.in", f"bench-{stack}.in"):
        lines = (REQUIREMENTS / file).read_text(encoding="utf-8").splitlines()
        wanted = [line for line in lines if line and line[0].isalpha()]
        for text in wanted:
            name = canonicalize_name(Requirement(text.partition("#")[0]).name)
            assert name in names, f"{file} names {name}, setup.py does not"
