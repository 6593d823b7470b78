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
from components.hashing import splitmix64, to_fraction


def _hashes(kind: str, salt: str, values: Iterable[str]) -> np.ndarray:
    """Returns uint64 [values]: BLAKE2b of 8 bytes, little-endian, of "kind NUL salt NUL value"."""
    prefix = f"{kind}\0{salt}\0"
    digests = b"".join(
        hashlib.blake2b((prefix + value).encode(), digest_size=8).digest() for value in values
    )
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def uniform(data: Interactions, salt: str) -> np.ndarray:
    """Returns float64 [n] in [0, 1): a number for each user and movie that depends on nothing else.

    splitmix64(splitmix64(H(user)) + H(movie)) with H from `_hashes`, all modulo 2^64; its upper 53
    bits as a fraction. The same on every platform, whatever the other rows are.
    """
    users = splitmix64(_hashes("user", salt, data.users))
    movies = _hashes("movie", salt, data.movies)
    return to_fraction(splitmix64(users[data.user] + movies[data.movie]))


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
        cut: First second of eval, for the temporal split.
    """
    if config.method == "random":
        return uniform(data, config.salt) < config.eval_fraction
    if config.method == "leave-last":
        return leave_last_mask(data, config.leave_last)
    assert cut is not None, "the temporal split needs its cut"
    return data.timestamp >= cut
