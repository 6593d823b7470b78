"""The table in the document: new results over the old ones, oldest version first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import table

OLD = f"""before
{table.BEGIN}
| Kubeflow Pipelines | a | b | c | d |
|---|---|---|---|---|
| 2.2.0 | 7 pass | 8 pass | – | – |
| HEAD of 2026-01-01 | 1 pass | – | – | – |
{table.END}
after
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "d.md"
    file.write_text(OLD)
    return file


def rows(document: Path) -> dict[str, list[str]]:
    return {name: list(row.values()) for name, row in table.read(document.read_text()).items()}


def test_write_keeps_what_was_not_tried(document: Path) -> None:
    results = table.Results()
    for outcome in ("passed", "passed", "failed"):
        results.add("2.17.0", "compiles", outcome)
    results.add("2.2.0", "parameters", "passed")
    results.add("HEAD of 2026-02-02", "runs", "skipped")
    table.write(results, document)
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert rows(document) == {
        "2.2.0": ["7 pass", "1 pass", "–", "–"],
        "2.17.0": ["**1 fail**, 2 pass", "–", "–", "–"],
        "HEAD of 2026-02-02": ["–", "–", "–", "–"],
    }
    assert list(rows(document)) == ["2.2.0", "2.17.0", "HEAD of 2026-02-02"]


def test_write_of_no_results_changes_nothing(document: Path) -> None:
    table.write(table.Results(), document)
    assert document.read_text() == OLD


def test_write_refuses_a_document_without_markers(tmp_path: Path) -> None:
    (tmp_path / "d.md").write_text("no table")
    results = table.Results()
    results.add("2.2.0", "runs", "passed")
    with pytest.raises(ValueError, match="conformance: begin"):
        table.write(results, tmp_path / "d.md")
