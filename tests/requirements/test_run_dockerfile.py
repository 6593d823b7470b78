"""The reader of the Dockerfile's steps, and that the files which they name are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import module_file

REPOSITORY = Path(__file__).parents[2]
run_dockerfile = module_file.load(REPOSITORY / "requirements/run_dockerfile.py", "run_dockerfile")
STEPS = run_dockerfile.instructions((REPOSITORY / "Dockerfile").read_text(encoding="utf-8"))


def copied() -> list[str]:
    """Returns the files and folders that the Dockerfile copies from the repository."""
    copies = [rest.split() for word, rest in STEPS if word == "COPY" and "--from=" not in rest]
    return [source for *sources, _ in copies for source in sources]


def test_instructions_join_lines_and_drop_comments() -> None:
    text = "# base\nFROM a AS b\nRUN one \\\n    # between\n    && two\n"
    assert run_dockerfile.instructions(text) == [("FROM", "a AS b"), ("RUN", "one      && two")]


@pytest.mark.parametrize("source", copied())
def test_dockerignore_leaves_what_the_dockerfile_copies(source: str) -> None:
    assert run_dockerfile.context_files(source)


def test_what_is_not_in_the_build_context_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"COPY docs: \.dockerignore leaves it out"):
        run_dockerfile.context_files("docs")


def test_steps_have_the_files_of_requirements_that_they_name() -> None:
    commands = [rest for word, rest in STEPS if word == "RUN"]
    named = set(re.findall(r"/(requirements/\S+)", " ".join(commands)))
    assert "requirements/install_packages.sh" in named
    assert named <= set(copied())


def test_image_of_the_server_has_the_modules_of_components_that_the_server_imports() -> None:
    start = next(at for at, (_, rest) in enumerate(STEPS) if rest.endswith(" AS server"))
    following = [at for at, (word, _) in enumerate(STEPS) if word == "FROM" and at > start]
    steps = STEPS[start : following[0]]
    there = {source for word, rest in steps if word == "COPY" for source in rest.split()[:-1]}
    imported = {
        f"components/{name}"
        for file in REPOSITORY.glob("serving/**/*.py")
        for name in re.findall(r"^\s*from components\.(\w+)", file.read_text("utf-8"), re.M)
    }
    assert "components/contracts" in imported
    assert {path for path in imported if not {path, f"{path}.py"} & there} == set()
