"""The notebooks: text and notebook are the same, and a small run of each goes through."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))
# In place of the parameters of the notebook: small data and few passes.
SMALL = {"PEOPLE, BOOKS, RATINGS": "300, 400, 24_000", "EPOCHS": "8"}


def cells(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def test_there_is_a_notebook() -> None:
    assert [script.stem for script in SCRIPTS] == ["from_your_file"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script_and_notebook_are_the_same_and_hold_no_output(script: Path) -> None:
    notebook = jupytext.read(script.with_suffix(".ipynb"))
    assert cells(notebook) == cells(jupytext.read(script))
    assert not any(cell.get("outputs") for cell in notebook.cells)


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_notebook_runs(script: Path, tmp_path: Path) -> None:
    notebook = jupytext.read(script)
    (parameters,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    values = {**SMALL, "OUTPUT": f"Path({str(tmp_path / 'runs')!r})"}
    for name, value in values.items():
        parameters.source, count = re.subn(
            rf"^{name} = .*$", f"{name} = {value}", parameters.source, flags=re.MULTILINE
        )
        assert count == 1
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(ROOT)}}).execute()
    shown = [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stdout"
    ]
    text = "\n".join(shown)
    assert "the name 'isbn' fits" in text
    assert "For 42 (known: True):" in text
    assert "For somebody new (known: False), what is popular:" in text
    assert re.search(r"left out: \{'not a positive': \d+\}", text)
    record = json.loads((tmp_path / "runs" / "last_run.json").read_text())
    assert record["config"]["data"]["positive"]["min_rating"] == 4
