import hashlib

import numpy as np
import pytest

from components.example_gen.config import SplitConfig
from components.example_gen.users import splits
from components.example_gen.users.interactions import Interactions


def interactions(per_user, movies=1000, seed=0):
    """Returns interactions of len(per_user) users with so many each, in time order."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(len(per_user)), per_user)
    movie = np.concatenate([rng.permutation(movies)[:n] for n in per_user] or [user])
    return Interactions(
        users=[f"u{number:04}" for number in range(len(per_user))],
        movies=[f"m{number:04}" for number in range(movies)],
        user=user,
        movie=movie,
        rating=np.full(len(user), 3, np.float32),
        timestamp=np.concatenate([np.arange(n) for n in per_user] or [user]),
    )


def take(data, rows):
    return Interactions(
        data.users,
        data.movies,
        data.user[rows],
        data.movie[rows],
        data.rating[rows],
        data.timestamp[rows],
    )


def random_mask(data, salt, fraction):
    return splits.eval_mask(data, SplitConfig(salt=salt, eval_fraction=fraction))


def test_uniform_is_the_documented_hash():
    data = Interactions(["1"], ["1193"], *(np.zeros(1, np.int64) for _ in range(4)))
    # Worked out with Python's own integers from the description in splits.uniform.
    mask = (1 << 64) - 1

    def h(kind, value):
        text = f"{kind}\0movielens\0{value}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")

    def mix(x):
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & mask
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB & mask
        return x ^ (x >> 31)

    expected = (mix((mix(h("user", "1")) + h("movie", "1193")) & mask) >> 11) / 2**53

    assert splits.uniform(data, "movielens").tolist() == [expected]
    # Frozen, since another description would silently give everybody another split.
    assert expected == 0.7370231907344752


def test_uniform_depends_on_nothing_but_user_and_movie():
    data = interactions([50] * 20)
    some = np.arange(0, len(data), 7)
    np.testing.assert_array_equal(
        splits.uniform(take(data, some), "s"), splits.uniform(data, "s")[some]
    )


def test_uniform_is_uniform_within_users_and_movies():
    data = interactions([1000] * 100)
    values = splits.uniform(data, "s").reshape(100, 1000)
    # The mean of n uniform values has the deviation 1/sqrt(12 n); 5 of them are allowed.
    assert abs(values.mean() - 0.5) < 5 / np.sqrt(12 * 100_000)
    assert np.abs(values.mean(axis=1) - 0.5).max() < 5 / np.sqrt(12 * 1000)
    by_movie = np.zeros(1000)
    np.add.at(by_movie, data.movie, splits.uniform(data, "s") / 100)
    assert np.abs(by_movie - 0.5).max() < 5 / np.sqrt(12 * 100)


def test_random_mask_holds_out_its_fraction_and_another_salt_others():
    data = interactions([200] * 200)
    first, second = (random_mask(data, salt, 0.25) for salt in ("a", "b"))
    # Binomial deviation of 40,000 draws at .25: sqrt(.25 * .75 / 40000) = .0022; 5 of them.
    assert abs(first.mean() - 0.25) < 0.011
    # Independent splits agree on .25² + .75² = .625 of the rows.
    assert abs((first == second).mean() - 0.625) < 0.0125


def test_random_mask_grows_with_the_fraction():
    data = interactions([100] * 10)
    small, large = (random_mask(data, "s", fraction) for fraction in (0.1, 0.4))
    assert (large | small).sum() == large.sum() > small.sum()


def test_leave_last_mask_holds_out_the_newest_but_never_the_first():
    data = interactions([1, 3, 6])
    mask = splits.leave_last_mask(data, 4)
    # One row: kept. Three: the last two, as the first stays. Six: the last four.
    assert mask.astype(int).tolist() == [0, 0, 1, 1, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("config", "cut", "expected"),
    [
        (SplitConfig(method="leave-last", leave_last=1), None, [False, False, True]),
        (SplitConfig(method="temporal"), 1, [False, True, True]),
        (SplitConfig(method="temporal"), 2, [False, False, True]),
    ],
)
def test_eval_mask_follows_the_method(config, cut, expected):
    assert splits.eval_mask(interactions([3]), config, cut).tolist() == expected


def test_eval_mask_random_uses_salt_and_fraction():
    data = interactions([30])
    np.testing.assert_array_equal(random_mask(data, "x", 0.5), splits.uniform(data, "x") < 0.5)
