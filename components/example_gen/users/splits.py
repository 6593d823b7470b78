"""Which interactions are held out for evaluation: masks over sorted interactions.

Interactions hold each (user, movie) once and a mask puts each on one side, so that nothing of
eval can be in train.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from components.example_gen.config import SplitConfig
from components.example_gen.users.interactions import Interactions


def _hashes(kind: str, salt: str, values: Iterable[str]) -> np.ndarray:
    """Returns uint64 [values]: BLAKE2b of 8 bytes, little-endian, of "kind NUL salt NUL value"."""
    prefix = f"{kind}\0{salt}\0"
    digests = b"".join(
        hashlib.blake2b((prefix + value).encode(), digest_size=8).digest() for value in values
    )
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def _mix(values: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser (Steele, Lea, Flood 2014) on uint64 [n]."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def uniform(data: Interactions, salt: str) -> np.ndarray:
    """Returns float64 [n] in [0, 1): a number for each user and movie that depends on nothing else.

    mix(mix(H(user)) + H(movie)) with H from `_hashes` and mix from `_mix`, all modulo 2^64; its
    upper 53 bits as a fraction. The same on every platform, whatever the other rows are.
    """
    users = _mix(_hashes("user", salt, data.users))
    movies = _hashes("movie", salt, data.movies)
    mixed = _mix(users[data.user] + movies[data.movie])
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


def random_mask(data: Interactions, salt: str, fraction: float) -> np.ndarray:
    """Holds out each interaction with probability `fraction`; bool [n]."""
    return uniform(data, salt) < fraction


def temporal_mask(data: Interactions, cut: int) -> np.ndarray:
    """Holds out everything from the second `cut` on; bool [n]."""
    return data.timestamp >= cut


def leave_last_mask(data: Interactions, count: int) -> np.ndarray:
    """Holds out each user's last `count` interactions, but never the first one; bool [n]."""
    offsets = data.offsets()
    rows = np.arange(len(data))
    from_start = rows - offsets[data.user]
    from_end = offsets[data.user + 1] - 1 - rows
    return (from_end < count) & (from_start > 0)


def eval_mask(data: Interactions, config: SplitConfig, cut: int | None = None) -> np.ndarray:
    """Returns which interactions belong to eval; the others are train; bool [n].

    Args:
        data: All interactions of some users.
        config: The method and its settings.
        cut: Start of eval in seconds, for the temporal split.
    """
    if config.method == "random":
        return random_mask(data, config.salt, config.eval_fraction)
    if config.method == "leave-last":
        return leave_last_mask(data, config.leave_last)
    assert cut is not None, "the temporal split needs its cut"
    return temporal_mask(data, cut)
