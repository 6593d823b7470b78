import numpy as np

from components.example_gen import drop_reasons
from components.example_gen.users import counts
from components.example_gen.users.interactions import Interactions


def test_count_interactions_and_count_split():
    data = Interactions(
        users=["a", "b"],
        movies=["1", "2"],
        user=np.array([0, 0, 1]),
        movie=np.array([0, 1, 0]),
        rating=np.array([3, 4.5, 3], np.float32),
        timestamp=np.array([7, 8, 6]),
    )
    total = counts.count_interactions(data, {drop_reasons.REPEATED: 2}, 1)
    assert (total.ratings, total.users, total.users_without_row) == (3, 2, 1)
    assert total.histogram == {3.0: 2, 4.5: 1}
    assert (total.first, total.last) == (6, 8)
    assert total.rated == {"1", "2"}

    split = counts.count_split(data, np.array([False, True, False]))
    assert split.interactions == {"train": 2, "eval": 1}
    assert split.users_of == {"train": 2, "eval": 1}
