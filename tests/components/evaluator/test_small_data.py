"""The k of the gates by the size of the catalogue, and what is said of few users."""

from __future__ import annotations

import pytest

from components.evaluator.small_data import deciding_k, deciding_ratio, few_users_warning


@pytest.mark.parametrize(
    ("movies", "k"),
    [
        (3883, 100),  # ML-1M
        (1682, 100),  # ML-100K
        (1000, 100),  # the sample: a tenth
        (999, 50),
        (500, 50),
        (120, 10),
        (99, 5),
        (50, 5),
        (49, 1),
        (20, 1),  # 5 would be a quarter
        (1, 1),
        (0, 100),  # nothing was measured
    ],
)
def test_deciding_k_is_at_most_a_tenth_of_the_catalogue(movies: int, k: int) -> None:
    assert deciding_k(movies) == k


def test_deciding_ratio_of_few_users_is_the_upper_end() -> None:
    figures = {"popularity_ratio": 1.0, "popularity_ratio_ci_upper": 1.3}
    assert deciding_ratio({**figures, "users": 199}, "") == 1.3
    assert deciding_ratio({**figures, "users": 200}, "") == 1.0
    assert deciding_ratio({"popularity_ratio": 1.0, "users": 3}, "") == 1.0


def test_few_users_warning_says_how_little_is_known() -> None:
    figures = {"users": 63.0, "catalogue_size": 120.0}
    ends = {"gate_accuracy_ci_lower": 0.30, "gate_accuracy_ci_upper": 0.40}
    # Half of .40 − .30; a tenth of 120 movies is 12.
    assert "only 63 users" in few_users_warning({**figures, **ends})
    assert "top_10_accuracy is known to ±0.05" in few_users_warning({**figures, **ends})
    assert "there are no intervals" in few_users_warning(figures)
    assert few_users_warning({**ends, "users": 200.0}) == few_users_warning({}) == ""
    assert few_users_warning({"users": 0.0}) == ""
