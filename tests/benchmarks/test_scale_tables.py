"""Growth, tables, page and drawing of the benchmark by size, from made-up measurements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.scale import __main__ as bench
from benchmarks.scale import report
from benchmarks.scale.growth import exponent, exponents
from benchmarks.scale.peers import IN_BATCH, PEERS
from benchmarks.summary import FIGURES


def a_peer(name: str, quality: float, value: float | None = None) -> dict[str, Any]:
    notes = {} if value is None else {"value": value, "validation": {f"{value:g}": quality}}
    return {
        "peer": name,
        "figures": dict.fromkeys(FIGURES, quality),
        "fit_seconds": None if name == "ours" else 5.0,
        "evaluation_seconds": 2.0,
        "peak_bytes": 1 << 30,
        "notes": notes,
    }


def a_size(name: str, ratings: int, factor: float) -> dict[str, Any]:
    return {
        "name": name,
        "ratings": ratings,
        "users": ratings // 150,
        "movies": 4_000,
        "run": {
            "status": "pushed",
            "reason": "",
            "seconds": 30.0 * factor,
            "peak_bytes": 2 << 30,
            "components": {"ExampleGen": 4.0 * factor, "Trainer": 16.0 * factor},
            "training": {
                "seconds": {"read": 1.0 * factor, "fit": 12.0 * factor},
                "chosen": {"loss": "full_softmax", "steps": 2000},
                "notes": [],
            },
            "metrics": {},
        },
        "split": {"train": 3 * ratings // 4, "asked": 100, "asked_ratings": 1000},
        "peers": [
            a_peer("popularity", 0.1),
            {"peer": "ease", "left_out": "needs 97 GiB"},
            a_peer(IN_BATCH, 0.2, 0.03),
            a_peer("ours", 0.4),
        ],
    }


# Each size has ten times the ratings of the one before; the costs are 10 and 100 times as high.
SIZES = [a_size("1M", 10**6, 1.0), a_size("10M", 10**7, 10.0), a_size("100M", 10**8, 1000.0)]
RESULTS = {
    "date": "2026-01-01",
    "command": "python -m benchmarks.scale",
    "machine": {"cpu": "abacus", "cores": 2, "memory_GiB": 4.0, "tfx": "1", "tensorflow": "2"},
    "users": 100,
    "sizes": SIZES,
}


def cells(text: str, first: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_exponent_is_the_power_of_the_ratings() -> None:
    assert exponent(3.0, 12.0, 100, 400) == pytest.approx(1.0)  # 4 times for 4 times
    assert exponent(3.0, 48.0, 100, 400) == pytest.approx(2.0)  # 16 = 4²
    assert exponent(5.0, 5.0, 100, 400) == 0.0
    assert exponent(4.0, 2.0, 100, 400) == pytest.approx(-0.5)  # half = 4 to the power -1/2


@pytest.mark.parametrize(("small", "large"), [(None, 1.0), (1.0, None), (0.0, 1.0), (1.0, 0.0)])
def test_exponent_without_a_cost_is_none(small: float | None, large: float | None) -> None:
    assert exponent(small, large, 100, 400) is None


def test_exponents_are_of_each_step_and_of_the_range() -> None:
    # 10² in the second step, 10³ = (10²)^1.5 over both.
    assert exponents([1.0, 10.0, 1000.0], [1, 10, 100]) == pytest.approx([1.0, 2.0, 1.5])
    assert exponents([1.0, 10.0], [1, 10]) == pytest.approx([1.0])  # the step is the range
    assert exponents([1.0], [1]) == []


def test_costs_hold_components_phases_the_rest_and_the_whole() -> None:
    rows = report.costs(SIZES[:2])
    assert list(rows) == [
        "ExampleGen",
        "Trainer",
        "Trainer: read",
        "Trainer: fit",
        "imports, start and end",
        "whole run",
    ]
    assert rows["Trainer: fit"] == [12.0, 120.0]
    assert rows["imports, start and end"] == [10.0, 100.0]  # 30 less 4 and 16
    assert sum(v[0] for k, v in rows.items() if ":" not in k and k != "whole run") == 30.0


def test_component_that_one_run_did_not_have_is_a_dash() -> None:
    small = a_size("1M", 10**6, 1.0)
    del small["run"]["components"]["ExampleGen"]
    assert cells(report.cost([small, SIZES[1]]), "ExampleGen") == ["ExampleGen", "–", "40.0", "–"]


def test_cost_table_shows_seconds_memory_and_growth() -> None:
    text = report.cost(SIZES)
    assert cells(text, "") == ["", "1M", "10M", "100M", "p 1M–10M", "p 10M–100M", "p 1M–100M"]
    assert cells(text, "whole run")[1:] == ["30.0", "300.0", "30000.0", "1.00", "2.00", "1.50"]
    # The same memory at all sizes.
    assert cells(text, "peak memory, GiB")[1:] == [*["2.00"] * 3, *["0.00"] * 3]


def test_peers_table_takes_ours_from_the_run_and_says_why_one_is_left_out() -> None:
    text = report.peers(SIZES[:1])
    assert cells(text, f"1M: {PEERS['ours'].title}")[1:] == [*[".4000"] * 4, "12.0", "2.0", "2.00"]
    assert cells(text, f"1M: {PEERS[IN_BATCH].title}")[5:] == ["5.0", "2.0", "1.00"]
    assert cells(text, f"1M: {PEERS['ease'].title}: needs 97 GiB")[1:] == ["–"] * 7


def test_best_on_validation_keeps_the_row_and_all_accuracies() -> None:
    rows = [a_peer(IN_BATCH, 0.2, 0.003), a_peer(IN_BATCH, 0.3, 0.01), a_peer(IN_BATCH, 0.1, 0.03)]
    rows[2]["figures"] = dict.fromkeys(FIGURES, 0.9)  # what eval says is not looked at
    best = bench.best_on_validation(rows)
    assert best["figures"] == rows[1]["figures"]
    assert best["notes"]["value"] == 0.01
    assert best["notes"]["validation"] == {"0.003": 0.2, "0.01": 0.3, "0.03": 0.1}


def test_write_fills_the_page_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        f"before\n\n{report.BEGIN}\nWAS HERE\n{report.END}\n\nafter\n", encoding="utf-8"
    )
    path = bench.write(RESULTS, tmp_path / "results", page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "WAS HERE" not in text
    assert "learning rate 0.03 of 0.03" in text
    assert json.loads(path.with_suffix(".json").read_text())["sizes"][0]["name"] == "1M"
    assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert report.cost(SIZES) in path.read_text(encoding="utf-8")
    bench.write(RESULTS, tmp_path / "results", page)  # once more: the markers are still there
    assert page.read_text(encoding="utf-8") == text


def test_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="begin"):
        report.replaced(f"text {report.END}", "new")
    with pytest.raises(ValueError, match="end"):
        report.replaced(f"{report.END} text {report.BEGIN}", "new")


def test_page_of_the_project_has_the_markers() -> None:
    page = (Path(__file__).parents[2] / bench.PAGE).read_text(encoding="utf-8")
    assert "new tables" in report.replaced(page, "new tables")
