"""Exact and approximate indexes side by side: latency, recall, memory; `make bench-index`.

    python -m benchmarks.index_kinds [--sizes 4000 100000 1000000] [--dims 64 128]

Vectors are made up (index_vectors.py). The indexes are those of the exported model, asked in turn
(A B C A B C) with other queries each time. A query must read every vector of an exact index, so one
read of them at the memory's bandwidth is the floor. Every size runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import index_vectors, machine, tables
from benchmarks.processes import run_json

SIZES = (4_000, 100_000, 1_000_000)
DIMS = (64, 128)
BATCHES = (1, 64)
K = 100
RESULTS = Path(__file__).parent / "results"
WORK = Path("build") / "benchmarks"
# Queries for recall; half as many more choose the number of probes and are not asked again.
_QUERIES = 1000
_SECONDS, _LEAST = 20.0, 5

Search = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def build(name: str, vectors: np.ndarray, calibration: np.ndarray, partitions: int) -> Any:
    """Builds an index and how it came about.

    Args:
        name: `exact`, `exact bfloat16`, `partitioned` or `partitioned bfloat16`.
        vectors: float32 [movies, dim].
        calibration: Queries that choose the number of probes, float32 [n, dim].
        partitions: Their number; 0 lets it follow from the size.
    """
    import tensorflow as tf

    from components.trainer.config import TrainerConfig
    from components.trainer.export import index_choice
    from components.trainer.export.candidate_index import Candidates

    kind, _, precision = name.partition(" ")
    settings = {"index": kind, "index_partitions": partitions}
    config = TrainerConfig.model_validate(settings | {"index_precision": precision or "float32"})
    # Of the similar movies nothing is measured: one dimension makes their partitions cheap.
    candidates = Candidates(vectors, 1, np.ones(len(vectors), bool))
    nothing = tf.RaggedTensor.from_tensor(np.zeros([len(calibration), 0], np.int32))
    queries = index_choice.Queries(calibration, nothing)
    return index_choice.choose_index(candidates, lambda: queries, K, config)


def searcher(index: Any) -> Search:
    """Returns a traced search: queries float32 [batch, dim] → scores and rows [batch, k]."""
    import tensorflow as tf

    @tf.function(autograph=False)
    def search(queries: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return index.search(queries, tf.fill([tf.shape(queries)[0]], K)).best(K)

    def call(queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scores, rows = search(tf.constant(queries))
        return scores.numpy(), rows.numpy()

    return call


def interleaved(
    searches: dict[str, Search], queries: np.ndarray, batch: int, seconds: float
) -> dict[str, list[float]]:
    """Returns the seconds of each call, of each search; they take turns."""
    times: dict[str, list[float]] = {name: [] for name in searches}
    starts = list(range(0, len(queries) - batch + 1, batch))
    end, turn = time.perf_counter() + seconds * len(searches), 0
    for search in searches.values():
        search(queries[:batch])  # traces
    while turn < _LEAST or time.perf_counter() < end:
        asked = queries[starts[turn % len(starts)] :][:batch]
        for name, search in searches.items():
            start = time.perf_counter()
            search(asked)
            times[name].append(time.perf_counter() - start)
        turn += 1
    return times


def lists(search: Search, queries: np.ndarray) -> np.ndarray:
    """Returns the rows of all queries, int32 [n, k], asked in small batches."""
    return np.concatenate([search(queries[at : at + 16])[1] for at in range(0, len(queries), 16)])


def agreement(found: np.ndarray, exact: np.ndarray) -> dict[str, float]:
    """Returns the share of the exact rows [n, k] that were found, and of lists with another set."""
    shared = [len(set(a) & set(b)) / K for a, b in zip(found, exact, strict=True)]
    changed = np.mean([share < 1 for share in shared])
    return {"recall": float(np.mean(shared)), "changed_lists": float(changed)}


def int8_lists(vectors: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Returns the best rows of vectors that are rounded to int8, [n, k]; changes the vectors.

    Each dimension has a scale: its largest absolute value stands for 127. Of our vectors the
    popularity is many times longer than the others, so a scale for each vector does worse.
    """
    for column in vectors.T:
        scale = np.abs(column).max() / 127
        np.rint(column / scale, out=column)
        column *= scale
    found = []
    for at in range(0, len(queries), 16):
        products = queries[at : at + 16] @ vectors.T
        found.append(np.argpartition(-products, K, axis=1)[:, :K])
    return np.concatenate(found)


def bytes_of(index: Any) -> int:
    """Returns the bytes of the index's variables."""
    return sum(variable.shape.num_elements() * variable.dtype.size for variable in index.variables)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measures all indexes of one size, dimension and kind of vectors."""
    (movies,), (dim,), (kind,) = arguments.sizes, arguments.dims, arguments.kinds
    vectors, queries = index_vectors.make(kind, movies, dim, _QUERIES + _QUERIES // 2)
    asked, calibration = queries[:_QUERIES], queries[_QUERIES:]
    searches: dict[str, Search] = {}
    rows: list[dict[str, Any]] = []
    for name in arguments.indexes:
        start = time.perf_counter()
        chosen = build(name, vectors, calibration, arguments.partitions)
        searches[name] = searcher(chosen.index)
        row = {"index": name, "build_seconds": time.perf_counter() - start}
        rows.append({**row, "bytes": bytes_of(chosen.index), **chosen.facts.get("search", {})})
    exact = lists(searches["exact"], asked)
    for row in rows:
        row |= agreement(lists(searches[row["index"]], asked), exact)
    for batch in BATCHES:
        for name, times in interleaved(searches, asked, batch, arguments.seconds).items():
            row = next(row for row in rows if row["index"] == name)
            row[f"p50_{batch}"], row[f"p99_{batch}"] = np.quantile(times, [0.5, 0.99]).tolist()
            row[f"calls_{batch}"] = len(times)
    floor = vectors.nbytes / machine.read_bandwidth(min(1 << 30, arguments.bandwidth_bytes))
    facts = {"movies": movies, "dim": dim, "kind": kind, "floor_seconds": floor}
    facts["peak_bytes"] = machine.peak_memory()
    return {**facts, "rows": rows, "int8": agreement(int8_lists(vectors, asked), exact)}


def table(results: Sequence[dict[str, Any]]) -> str:
    """Returns the table of all measurements; in brackets: times the exact index's."""
    head = ["vectors", "index", "1 query p50 ms", "p99", "64 queries p50 ms", "p99"]
    head += ["recall", "lists changed", "MB", "read", "built s"]
    body = []
    for result in results:
        exact = next(row for row in result["rows"] if row["index"] == "exact")
        floor = f"floor {1e3 * result['floor_seconds']:.2f} ms"
        name = f"{result['movies']:,} × {result['dim']} {result['kind']}; {floor}"
        for row in result["rows"]:
            body += [[name, row["index"], *_latencies(row, exact), *_others(row)]]
        body.append([name, "exact int8, lists only", *["–"] * 4, *_agreement(result["int8"])])
    return tables.table(head, body)


def _latencies(row: dict[str, Any], exact: dict[str, Any]) -> list[str]:
    cells = []
    for batch in BATCHES:
        median, slow = row[f"p50_{batch}"], row[f"p99_{batch}"]
        ratio = "" if row is exact else f" (×{median / exact[f'p50_{batch}']:.3f})"
        cells += [f"{1e3 * median:,.2f}{ratio}", f"{1e3 * slow:,.2f}"]
    return cells


def _agreement(row: dict[str, Any]) -> list[str]:
    return [f"{row['recall']:.4f}", f"{row['changed_lists']:.1%}", "–", "–", "–"]


def _others(row: dict[str, Any]) -> list[str]:
    read = f"{row['share']:.1%}" if "share" in row else "all"
    if "probes" in row:
        read += f", {row['probes']:,} of {row['partitions']:,}"
    return [
        *_agreement(row)[:2],
        f"{row['bytes'] / 1e6:,.1f}",
        read,
        f"{row['build_seconds']:.1f}",
    ]


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.index_kinds",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of vectors")
    add("--dims", type=int, nargs="+", default=list(DIMS), help="their dimensions")
    add("--kinds", nargs="+", choices=index_vectors.KINDS, default=list(index_vectors.KINDS))
    add(
        "--indexes",
        nargs="+",
        default=["exact", "exact bfloat16", "partitioned"],
        help="exact or partitioned, with bfloat16 behind a blank; exact is always needed",
    )
    add("--partitions", type=int, default=0, help="their number (default: as an export chooses)")
    add("--seconds", type=float, default=_SECONDS, help="how long each index is asked")
    add("--bandwidth-bytes", type=int, default=1 << 30)
    add("--results", type=Path, default=RESULTS, help="folder for table and figures")
    add("--name", default="index", help="name of the files there")
    add("--one", action="store_true", help=argparse.SUPPRESS)
    return parser


def _measure_each(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    results = []
    same = ["--partitions", str(arguments.partitions), "--seconds", str(arguments.seconds)]
    same += ["--indexes", *arguments.indexes, "--bandwidth-bytes", str(arguments.bandwidth_bytes)]
    for size in arguments.sizes:
        for dim in arguments.dims:
            for kind in arguments.kinds:
                one = ["--sizes", str(size), "--dims", str(dim), "--kinds", kind, "--one"]
                log = WORK / "index.txt"
                results.append(run_json("index_kinds", *one, *same, log=log))
                print(table(results[-1:]), file=sys.stderr, flush=True)
    return results


def main(argv: Sequence[str] | None = None) -> int:
    """Measures, writes and prints the table; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    if arguments.one:
        print(json.dumps(measure(arguments)))
        return 0
    results = _measure_each(arguments)
    arguments.results.mkdir(parents=True, exist_ok=True)
    facts = {"machine": machine.describe(), "k": K, "results": results}
    path = arguments.results / f"{arguments.name}.json"
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(table(results) + "\n", encoding="utf-8")
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
