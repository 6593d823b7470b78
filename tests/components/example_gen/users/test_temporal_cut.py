import numpy as np
import pytest

from components.example_gen.users import temporal_cut


def test_count_is_exact_to_the_second():
    result = temporal_cut.count(np.array([5, 3, 5, -1]))
    assert (result.steps.tolist(), result.counts.tolist(), result.shift) == (
        [-1, 3, 5],
        [1, 1, 2],
        0,
    )


def test_count_coarsens_to_stay_small():
    # 16 seconds on at most 4 steps: steps of 4 seconds.
    result = temporal_cut.count(np.arange(16), max_steps=4)
    assert (result.steps.tolist(), result.counts.tolist(), result.shift) == (
        [0, 1, 2, 3],
        [4] * 4,
        2,
    )


def test_merge_is_the_same_in_any_order():
    times = np.random.default_rng(0).integers(0, 5000, 2000)
    whole = temporal_cut.count(times, max_steps=64)
    parts = [temporal_cut.count(part, max_steps=64) for part in np.array_split(times, 7)]
    for order in (parts, parts[::-1]):
        left = temporal_cut.merge([temporal_cut.merge(order[:3], 64), *order[3:]], 64)
        assert left.shift == whole.shift
        np.testing.assert_array_equal(left.steps, whole.steps)
        np.testing.assert_array_equal(left.counts, whole.counts)


@pytest.mark.parametrize(
    ("times", "fraction", "cut"),
    [
        (range(100), 0.25, 75),  # 75 … 99 are a quarter
        ([1, 2, 3, 3, 3, 3, 4], 0.3, 4),  # from 4 on 1/7, from 3 on 5/7: 1/7 is closer to .3
        ([1, 2], 0.01, 2),  # both sides get something
        ([1, 2], 0.99, 2),
        ([1, 1, 2, 3], 0.375, 3),  # from 3 on .25, from 2 on .5: as close; the later one
        ([7, 7], 0.5, 7),
    ],
)
def test_cut_is_closest_to_the_fraction(times, fraction, cut):
    assert temporal_cut.cut(temporal_cut.count(np.array(list(times))), fraction) == cut


def test_cut_on_coarse_steps_is_the_start_of_a_step():
    coarse = temporal_cut.count(np.arange(16), max_steps=4)
    assert temporal_cut.cut(coarse, 0.25) == 12


def test_cut_of_nothing():
    assert temporal_cut.cut(temporal_cut.merge([]), 0.5) == 0
