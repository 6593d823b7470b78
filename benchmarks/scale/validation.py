"""A part of train that is held out to choose the settings of the peers."""

from __future__ import annotations

import numpy as np

from benchmarks.split import Split

USERS, SHARE, SEED = 2_000, 0.2, 42


def validation_split(split: Split, users: int = USERS) -> Split:
    """Returns train without a fifth of the interactions of some users, and that fifth as eval.

    Args:
        split: The split; its eval is not looked at.
        users: How many users, drawn at random; all where there are fewer.
    """
    rng = np.random.default_rng(SEED)
    rated = np.unique(split.train_user)
    chosen = rng.choice(rated, min(users, len(rated)), replace=False)
    held_out = np.isin(split.train_user, chosen) & (rng.random(len(split.train_user)) < SHARE)
    return Split(
        split.user_ids,
        split.movie_ids,
        split.train_user[~held_out],
        split.train_movie[~held_out],
        split.train_user[held_out],
        split.train_movie[held_out],
    )
