"""The size of the training data: all that the plan of a training depends on."""

from __future__ import annotations

import json
from dataclasses import dataclass

from components.trainer.inputs.training_inputs import TrainingInputs

# Methods of the split that hold out what is later.
_IN_TIME = ("temporal", "leave-last")


@dataclass(frozen=True)
class Sizes:
    """The size of the training data, and whether their order means anything.

    Attributes:
        users: Number of users.
        interactions: Number of (user, movie) pairs.
        movies: Number of movies of the vocabulary.
        catalogue: Number of movies of the catalogue.
        in_time: Whether what is held out for evaluation is later than what is trained on, and there
            are times to order the interactions by.
    """

    users: int
    interactions: int
    movies: int
    catalogue: int
    in_time: bool = False

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
        summary.users,
        summary.interactions,
        inputs.graph.movies,
        len(inputs.catalogue),
        method in _IN_TIME and summary.has_times,
    )


def _short(count: int) -> str:
    """Returns 25,000,095 as "25.0 M", and a number below a million in full."""
    return f"{count / 1e6:.1f} M" if count >= 1_000_000 else f"{count:,}"
