import numpy as np

from components.example_gen.inspection import facts


def test_outliers_are_rare_and_far_from_the_others():
    values, counts = np.array([1.0, 3.0, 5.0, 55.0]), np.array([4000, 4000, 4000, 1])
    assert facts.outliers(values, counts) == [55.0]
    # As far, but not rare.
    assert facts.outliers(values, np.array([4000, 4000, 4000, 400])) == []
    # As rare, but near.
    assert facts.outliers(np.array([1.0, 3.0, 5.0, 5.5]), counts) == []


def test_moment_is_utc():
    assert facts.moment(978_300_760) == "2000-12-31T22:12:40+00:00"
