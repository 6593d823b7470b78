"""Bootstrap weights and intervals."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from components.evaluator import bootstrap


def hashes(count: int) -> np.ndarray:
    return np.array([bootstrap.user_hash(b"%d" % user) for user in range(count)], dtype=np.uint64)


def test_user_hash_is_the_same_in_every_process() -> None:
    # Python's own hash() of bytes is salted in each process.
    code = "from components.evaluator.bootstrap import user_hash; print(user_hash(b'42'))"
    root = Path(bootstrap.__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=root)
    assert int(run.stdout) == bootstrap.user_hash(b"42")


def test_poisson_weights_depend_on_user_alone_not_on_order_or_company() -> None:
    all_users = bootstrap.poisson_weights(hashes(50), 20)
    some_users = bootstrap.poisson_weights(hashes(50)[[7, 3]], 20)
    np.testing.assert_array_equal(some_users, all_users[:, [7, 3]])


def test_poisson_weights_are_poisson_with_mean_one() -> None:
    # 400,000 draws: the standard error of each share is below .0008; five of them are allowed.
    weights = bootstrap.poisson_weights(hashes(2000), 200)
    for value in range(5):
        expected = math.exp(-1) / math.factorial(value)
        assert np.mean(weights == value) == pytest.approx(expected, abs=0.004)


def test_poisson_weights_of_users_and_of_samples_are_uncorrelated() -> None:
    weights = bootstrap.poisson_weights(hashes(2000), 200)
    # Of 2,000 pairs the correlation has a standard error of .022, of 200 it has .07.
    assert abs(np.corrcoef(weights[0], weights[1])[0, 1]) < 0.11
    assert abs(np.corrcoef(weights[:, 0], weights[:, 1])[0, 1]) < 0.35


def test_interval_of_hundred_and_one_values() -> None:
    # Values 0…100: the quantiles .05 and .95 are 5 and 95.
    lower, upper = bootstrap.interval(np.arange(101.0), 0.9)
    assert (lower, upper) == (pytest.approx(5.0), pytest.approx(95.0))


def test_interval_passes_over_empty_resamples() -> None:
    assert bootstrap.interval(np.array([np.nan, 2.0, np.nan]), 0.95) == (2.0, 2.0)
    assert all(map(math.isnan, bootstrap.interval(np.array([np.nan]), 0.95)))
