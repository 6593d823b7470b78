"""The size of the training data: all that the plan of a training depends on."""

from __future__ import annotations

import json
from dataclasses import dataclass

from components.trainer.inputs.training_inputs import TrainingInputs

# The method of the split that holds out what each user takes next. After a temporal split most of
# eval is far from the end of the history, and the order helps less than it costs (docs/quality.md).
_NEXT = "leave-last"


@dataclass(frozen=True)
class Sizes:
    """The size of the training data, and whether what comes next is to be predicted.

    Attributes:
        users: Number of users.
        interactions: Number of (user, movie) pairs.
        movies: Number of movies of the vocabulary.
        catalogue: Number of movies of the catalogue.
        next_is_held_out: Whether what is held out for evaluation comes next in each user's history,
            and there are times to order the interactions by.
    """

    users: int
    interactions: int
    movies: int
    catalogue: int
    next_is_held_out: bool = False

    def __str__(self) -> str:
        return (
            f"{_short(self.interactions)} interactions, {self.users:,} users, "
            f"{self.movies:,} movies"
        )


def sizes_of(inputs: TrainingInputs, split: str = "") -> Sizes:
    """Returns the size of what a training reads.

    Args:
        inputs: The inputs.
        split: The split of the data whose train part they are, as JSON of the settings.
    """
    summary = inputs.summary
    method = json.loads(split).get("method") if split else None
    return Sizes(
        summary.rows.users,
        summary.rows.interactions,
        inputs.graph.movies,
        len(inputs.catalogue),
        method == _NEXT and summary.has_times,
    )


def _short(count: int) -> str:
    """Returns 25,000,095 as "25.0 M", and a number below a million in full."""
    return f"{count / 1e6:.1f} M" if count >= 1_000_000 else f"{count:,}"
