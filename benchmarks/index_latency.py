"""How long an exact top 100 takes, at several catalogue sizes, against reading memory once.

    python -m benchmarks.index_latency [--sizes 4000 100000 1000000]

Random embeddings of dimension 256, in TensorFlow, with the operations of the exported model: one
matrix product and one top-k. A query must read every embedding, so the time of one read of them at
the bandwidth of the memory is the floor; a batch of queries shares the read.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import tensorflow as tf

from benchmarks.machine import read_bandwidth

SIZES = (4_000, 100_000, 1_000_000)
BATCHES = (1, 32)
DIM, K = 256, 100
_SECONDS, _LEAST = 3.0, 5


def measure(movies: int, batch: int, dim: int = DIM, seconds: float = _SECONDS) -> float:
    """Returns the median seconds of a batch of queries.

    Args:
        movies: Size of the catalogue.
        batch: Queries asked together.
        dim: Width of the embeddings.
        seconds: How long to repeat.
    """
    candidates = tf.Variable(tf.random.stateless_normal([movies, dim], [1, 2]))
    queries = tf.random.stateless_normal([batch, dim], [3, 4])

    @tf.function
    def search(query: tf.Tensor) -> tf.Tensor:
        scores = tf.matmul(query, candidates, transpose_b=True)
        return tf.math.top_k(scores, min(K, movies)).indices

    return _median_seconds(lambda: search(queries).numpy(), seconds)


def _median_seconds(call: Callable[[], Any], seconds: float) -> float:
    call()  # traces
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < _LEAST or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return median(times)


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and prints JSON; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--seconds", type=float, default=_SECONDS)
    parser.add_argument("--bandwidth-bytes", type=int, default=1 << 30)
    arguments = parser.parse_args(argv)
    bandwidth = read_bandwidth(arguments.bandwidth_bytes)
    rows = []
    for movies in arguments.sizes:
        row: dict[str, Any] = {"movies": movies, "bytes": movies * DIM * 4}
        row["floor_seconds"] = row["bytes"] / bandwidth
        for batch in BATCHES:
            row[f"seconds_{batch}"] = measure(movies, batch, seconds=arguments.seconds)
        rows.append(row)
    print(json.dumps({"bandwidth": bandwidth, "dim": DIM, "k": K, "rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
