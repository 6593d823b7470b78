"""Cutting ratings into days."""

from __future__ import annotations

from pathlib import Path

from benchmarks.daily_spans import cut, table


def test_cut_is_by_time_and_loses_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    # Ten ratings, the newest first; users 1 and 2 in turn.
    rows = [f"{n % 2 + 1}::7::5::{100 + n}" for n in range(10)]
    (source / "ratings.dat").write_text("\n".join(reversed(rows)) + "\n")
    (source / "movies.dat").write_text("7::Film (1999)::Drama\n")
    (source / "users.dat").write_text("1::F::1::1::1\n2::M::1::1::1\n")
    cut(source, tmp_path / "spans", days=3, base_share=0.5)
    parts = [
        (tmp_path / "spans" / f"span-{n}" / "ratings.dat").read_text().splitlines()
        for n in range(4)
    ]
    # Half, then the other five in three parts: up to 5 + 5·1/3, 5 + 5·2/3 and 10, rounded down.
    assert [len(part) for part in parts] == [5, 1, 2, 2]
    assert [row for part in parts for row in part] == rows
    # The sixth rating is by user 2 alone.
    assert (tmp_path / "spans" / "span-1" / "users.dat").read_text() == "2::M::1::1::1\n"


def test_table_has_a_row_for_each_run() -> None:
    entry = {
        "data": {"span": "0-1", "ratings": 1000},
        "metrics": {"model": {"top_100_accuracy": 0.25}},
        "gate": [{"name": "popularity_ratio", "passed": False}],
        "status": "refused",
        "pushed": None,
        "drift": [{"name": "share of new users", "value": 0.0625}],
        "training": {"start": {"kind": "warm"}, "epochs": 8},
        "components": [{"id": "Trainer", "seconds": 9.7}],
        "seconds": 60.2,
    }
    *_, row = table([entry]).splitlines()
    assert row == (
        "| 1 | 0-1 | 1,000 | 25.00 | – | – | – | popularity_ratio | refused | – | warm | 8 "
        "| 0.062 | 10 | 60 |"
    )
