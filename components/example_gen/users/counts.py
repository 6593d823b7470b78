"""What the interactions of a bucket add to the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from components.contracts.examples import EVAL, TRAIN
from components.example_gen.summary import Summary
from components.example_gen.users.interactions import Interactions


def count_interactions(
    data: Interactions, dropped: Mapping[str, int], users_without_row: int
) -> Summary:
    """Counts the merged interactions of a group of users."""
    values, counts = np.unique(data.rating, return_counts=True)
    return Summary(
        dropped=Counter(dropped),
        ratings=len(data),
        users=len(data.users),
        users_without_row=users_without_row,
        rated=frozenset(data.movies),
        histogram=Counter(dict(zip(values.tolist(), counts.tolist(), strict=True))),
        first=int(data.timestamp.min()) if len(data) else None,
        last=int(data.timestamp.max()) if len(data) else None,
    )


def count_split(data: Interactions, held_out: np.ndarray) -> Summary:
    """Counts interactions and users of train and eval."""
    masks = {TRAIN: ~held_out, EVAL: held_out}
    return Summary(
        interactions=Counter({split: int(mask.sum()) for split, mask in masks.items()}),
        users_of=Counter({split: len(np.unique(data.user[mask])) for split, mask in masks.items()}),
    )
