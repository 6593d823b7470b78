"""The bytes that an index is said to need, against those that a process had at its peak."""

from __future__ import annotations

import subprocess
import sys

import pytest

from components.trainer.config import TrainerConfig
from components.trainer.export.index_choice import AUTO_MOVIES, bytes_to_build

MOVIES, WIDTH = 100_000, 400
# Builds an index in a process of its own; prints what that took, in bytes.
PROGRAM = f"""
import sys
from pathlib import Path
import numpy as np
import tensorflow as tf
from benchmarks import machine
from components.trainer.config import TrainerConfig
from components.trainer.export.candidate_index import Candidates
from components.trainer.export.index_choice import Queries, choose_index

rng = np.random.default_rng(0)
tf.matmul(tf.ones([100, 100]), tf.ones([100, 100]))
before = 1024 * machine.kilobytes("VmRSS")
vectors = rng.standard_normal(({MOVIES}, {WIDTH}), dtype=np.float32)
Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
nothing = tf.RaggedTensor.from_row_splits(np.zeros(0, np.int32), np.zeros(101, np.int64))
queries = Queries(rng.standard_normal((100, {WIDTH}), dtype=np.float32), nothing)
config = TrainerConfig(index=sys.argv[1], index_partitions=64)
candidates = Candidates(vectors, {WIDTH}, np.ones({MOVIES}, bool))
chosen = choose_index(candidates, lambda: queries, 100, config)
assert chosen.facts["kind"] == sys.argv[1]
print(machine.peak_memory() - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["exact", "partitioned"])
def test_bytes_to_build_are_those_of_a_process(kind: str) -> None:
    line = [sys.executable, "-c", PROGRAM, kind]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    estimate = bytes_to_build(MOVIES, WIDTH, TrainerConfig(index=kind, index_partitions=64))
    # A plan may ask for more than what is taken in the end, and not for much less.
    assert 0.8 < estimate / int(done.stdout) < 2


def test_partitions_take_more_than_an_exact_index() -> None:
    exact, partitioned = (
        bytes_to_build(1_000_000, 64, TrainerConfig(index=kind))
        for kind in ("exact", "partitioned")
    )
    assert exact == 3 * 4 * 1_000_000 * 64
    assert partitioned >= 5 * 4 * 1_000_000 * 64


def test_index_that_is_chosen_counts_as_what_may_be_tried() -> None:
    for movies, kind in ((AUTO_MOVIES - 1, "exact"), (AUTO_MOVIES, "partitioned")):
        chosen = bytes_to_build(movies, 64, TrainerConfig(index="auto"))
        assert chosen == bytes_to_build(movies, 64, TrainerConfig(index=kind))
