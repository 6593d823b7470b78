"""From runs to tables and drawings; the machine; the index."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from benchmarks import __main__ as bench
from benchmarks import index_latency, machine, tables
from benchmarks.processes import ChildError, run, run_json
from benchmarks.summary import FIGURES, summarise


def a_run(name: str, quality: float | None, fit: float, **notes: Any) -> dict[str, Any]:
    return {
        "contender": name,
        "fit_seconds": fit,
        "evaluation_seconds": None if quality is None else 1.0,
        "figures": None if quality is None else dict.fromkeys(FIGURES, quality),
        "peak_bytes": 2_000_000,
        "notes": notes,
    }


RUNS = [
    a_run("ours", 0.4, 10.0),
    a_run("ease", 0.3, 4.0),
    a_run("ours", 0.5, 30.0),
    a_run("ours", 0.6, 20.0),
    a_run("notebook-metrics", None, 4000.0, extrapolated_from_steps=8, steps=460),
]
LATENCY = {
    "bandwidth": 1e10,
    "dim": 256,
    "k": 100,
    "rows": [
        {
            "movies": movies,
            "bytes": movies * 1024,
            "floor_seconds": movies * 1024 / 1e10,
            "seconds_1": movies * 2048 / 1e10,
            "seconds_32": movies * 32 * 512 / 1e10,
        }
        for movies in (1000, 10_000)
    ],
}
RESULTS = {
    "data": {"name": "tiny", "users": 2, "movies": 3, "train": 4, "eval": 5, "split": "random"},
    "date": "2026-01-01",
    "command": "python -m benchmarks",
    "machine": {"cpu": "abacus"},
    "contenders": summarise(RUNS),
    "index_latency": LATENCY,
    "evaluator": {
        "rows": 100,
        "users": 10,
        "seconds": 4.0,
        "rows_per_second": 25.0,
        "peak_bytes": 1e6,
    },
}


def test_page_of_next_movies_shows_its_own_figures() -> None:
    page = tables.document({**RESULTS, "protocol": "next-movie"})
    assert "unseen NDCG@10 | unseen MRR | unseen 100" in page
    assert "| top 100 |" not in page


def test_summary_takes_medians_and_ratios_to_ours() -> None:
    notebook, ease, ours = summarise(RUNS)  # in the order of the table
    assert (ours["runs"], ours["fit_seconds"], ours["top_10_accuracy"]) == (3, 20.0, 0.5)
    assert (ease["runs"], ease["ratios"]["fit_seconds"]) == (1, 0.2)
    assert ease["ratios"]["unseen_top_100_accuracy"] == pytest.approx(0.6)
    assert notebook["top_10_accuracy"] is None
    assert notebook["ratios"]["fit_seconds"] == 200.0


def test_summary_has_the_spread_of_what_differs_between_runs() -> None:
    notebook, ease, ours = summarise(RUNS)
    assert ours["spread"] == dict.fromkeys(FIGURES, (0.4, 0.6))
    assert ease["spread"] == notebook["spread"] == {}


def test_tables_show_figures_ratios_and_what_was_extrapolated() -> None:
    lines = tables.document(RESULTS).splitlines()
    (ease,) = [line for line in lines if line.startswith("| EASE")]
    assert ".3000 (×.60)" in ease
    assert "4.0 (×.20)" in ease
    (spread,) = [line for line in lines if "each run with another seed" in line]
    assert spread.startswith("- ours, ")
    assert "unseen 100 .4000 to .6000" in spread
    (notebook,) = [line for line in lines if line.startswith("| notebook's loop as it stands")]
    assert "4,000 (×200)*" in notebook
    assert "| – |" in notebook
    assert any("extrapolated from 8 of 460 steps" in line for line in lines)
    # 1,000 movies: floor .1024 ms, a query twice that, one of 32 half of it.
    assert "| 1,000 | 1.0 | 0.10 | 0.20 | 2.00 | 0.05 |" in lines


def test_write_makes_table_json_and_drawings(tmp_path: Path) -> None:
    path = bench.write(RESULTS, tmp_path)
    assert path.read_text(encoding="utf-8").startswith("# Benchmarks on tiny")
    assert json.loads((tmp_path / "tiny.json").read_text())["data"]["users"] == 2
    for name in ("tiny-contenders.png", "tiny-index.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_contenders_run_in_turn_and_the_notebook_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contend(module: str, name: str, *options: str, **_: object) -> dict[str, Any]:
        return a_run(name, 0.1, 1.0, seed=options[options.index("--seed") + 1])

    monkeypatch.setattr(bench, "run_json", contend)
    options = ["--work", str(tmp_path), "--rounds", "2", "--contenders", "notebook", "ease", "ours"]
    runs = bench.run_contenders(bench.build_parser().parse_args(options), tmp_path)
    assert [(run["contender"], run["notes"]["seed"]) for run in runs] == [
        ("notebook", "42"),
        ("ease", "42"),
        ("ours", "42"),
        ("ease", "43"),
        ("ours", "43"),
    ]


def test_contender_whose_environment_is_missing_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert bench.there(["ease", "sasrec", "ours"]) == ["ease", "ours"]
    assert "sasrec is left out: it needs .venv-peers (make peers)" in capsys.readouterr().err
    python = tmp_path / ".venv-peers" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert bench.there(["ease", "sasrec"]) == ["ease", "sasrec"]
    assert (bench.python_of("ease"), bench.python_of("sasrec")) == (sys.executable, str(python))


def test_machine_says_no_name_of_this_host() -> None:
    text = json.dumps(machine.describe())
    assert "cores" in text
    assert socket.gethostname() not in text
    assert str(Path.home()) not in text


def test_machine_reads_memory_at_a_believable_speed() -> None:
    # Between a slow disk and the fastest caches.
    assert 1e8 < machine.read_bandwidth(1 << 24, 2) < 1e13


def test_machine_reads_the_memory_of_a_process() -> None:
    code = "import sys; block = b'x' * (200 << 20); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        for field in ("VmRSS", "RssAnon"):
            assert 200 << 10 < machine.kilobytes(field, child.pid) < 400 << 10
        child.stdin.close()
    assert machine.peak_memory() > 0.9 * 1024 * machine.kilobytes("VmRSS")
    with pytest.raises(OSError, match="/proc/self/status has no VmNone"):
        machine.kilobytes("VmNone")


@pytest.mark.parametrize("movies", [10, 1_000])
def test_index_latency_is_the_median_of_searches(
    movies: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each look at the clock is one second after the last, and a search looks twice.
    ticks = itertools.count()
    monkeypatch.setattr(index_latency.time, "perf_counter", lambda: float(next(ticks)))
    shapes = []
    top_k = tf.math.top_k
    monkeypatch.setattr(
        tf.math, "top_k", lambda scores, k: shapes.append((*scores.shape, k)) or top_k(scores, k)
    )
    assert index_latency.measure(movies, 2, dim=64, seconds=0.1) == 1.0
    # The whole catalogue is searched, for the best 100 or all there are.
    assert shapes == [(2, movies, min(100, movies))]


def test_index_latency_repeats_until_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks, calls = itertools.count(), []
    monkeypatch.setattr(index_latency.time, "perf_counter", lambda: float(next(ticks)))
    index_latency._median_seconds(lambda: calls.append(1), 0.0)
    # One traces, and five at least are measured.
    assert len(calls) == 1 + 5
    calls.clear()
    index_latency._median_seconds(lambda: calls.append(1), 30.0)
    # The clock says 0 at the beginning and 10 after the five. Whether the 30 are over is asked at
    # 11, 14, …, 29, for a call has three looks at the clock then: seven more.
    assert len(calls) == 1 + 5 + 7


def test_process_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(ChildError, match="invalid choice: 'nobody'"):
        run_json("contend", "nobody", "--work", str(tmp_path), log=tmp_path / "log.txt")
    assert "usage" in run("contend", "--help", log=tmp_path / "log.txt")
