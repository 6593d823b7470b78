from __future__ import annotations

from pathlib import Path

import pytest

from components import fingerprint
from components.fingerprint import code_fingerprint, digest

SOURCES = {
    "components/__init__.py": "",
    "components/errors.py": "class UserError(Exception): ...\n",
    "components/other/model.py": "LIMIT = 1\n",
    "components/own/executor.py": "from components.own import parts\n",
    "components/own/parts.py": "def late():\n    from components.other.model import LIMIT\n",
    "components/own/page.html.j2": "<html>\n",
    "components/unrelated.py": "import components.errors\n",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in SOURCES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(fingerprint, "_ROOT", tmp_path)
    return tmp_path


def changes(tree: Path, name: str) -> bool:
    """Returns whether another line in a file changes the fingerprint of `own`."""
    before = code_fingerprint("own")
    with (tree / name).open("a") as file:
        file.write("# another line\n")
    return code_fingerprint("own") != before


@pytest.mark.parametrize(
    "name",
    [
        "components/own/executor.py",
        "components/own/page.html.j2",  # what it reads, not only what it imports
        "components/other/model.py",  # imported by an import, inside a function
    ],
)
def test_code_fingerprint_changes_with_what_the_component_uses(tree: Path, name: str) -> None:
    assert changes(tree, name)


@pytest.mark.parametrize("name", ["components/unrelated.py", "components/errors.py"])
def test_code_fingerprint_stays_where_other_code_changes(tree: Path, name: str) -> None:
    assert not changes(tree, name)


def test_code_fingerprint_follows_an_import_that_is_added_later(tree: Path) -> None:
    # In one process, as in the scheduler's: first nothing imports unrelated.py, then parts.py does.
    assert not changes(tree, "components/unrelated.py")
    with (tree / "components/own/parts.py").open("a") as file:
        file.write("import components.unrelated\n")
    assert changes(tree, "components/unrelated.py")


def test_code_fingerprint_of_the_trainer_covers_other_packages() -> None:
    root = fingerprint._ROOT
    files = fingerprint._with_imports(fingerprint._files_of(root / "components" / "trainer"))
    names = {path.relative_to(root).as_posix() for path in files}
    assert {"components/errors.py", "components/trainer/inputs/batches.py"} <= names


def test_digest_depends_on_names_and_on_where_a_part_ends() -> None:
    assert digest([("a", b"12")]) != digest([("b", b"12")])
    assert digest([("a", b"1"), ("a", b"2")]) != digest([("a", b"12")])
