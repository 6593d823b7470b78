"""From the records of runs to the table of two commits; a commit that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.commits import MEMORY, PROCESSOR, WHOLE, check_out, comparison, figures


def record(**seconds: float) -> dict:
    return {"components": [{"id": name, "seconds": value} for name, value in seconds.items()]}


def test_figures_are_of_the_process_and_of_each_component() -> None:
    found = figures(record(Trainer=20, Pusher=0.5), 60, 90, 2_000_000_000)
    assert found == {WHOLE: 60, PROCESSOR: 90, MEMORY: 2000, "Trainer": 20, "Pusher": 0.5}


def test_comparison_has_medians_and_ratios() -> None:
    before = [{WHOLE: 10.0, "Old": 1.0}, {WHOLE: 30.0, "Old": 1.0}, {WHOLE: 20.0, "Old": 1.0}]
    after = [{WHOLE: 4.0, "New": 2.0}, {WHOLE: 6.0, "New": 2.0}]
    lines = comparison(before, after).splitlines()
    # Medians 20 and 5.
    assert f"| {WHOLE} | 20.0 | 5.0 | ×0.25 |" in lines
    assert "| Old | 1.0 | – | – |" in lines
    assert "| New | – | 2.0 | – |" in lines


def test_no_commit_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no-such-thing is no commit of this repository"):
        check_out("no-such-thing", tmp_path)
    assert not list(tmp_path.iterdir())
