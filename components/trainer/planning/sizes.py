"""The size of the training data: all that the plan of a training depends on."""

from __future__ import annotations

from dataclasses import dataclass

from components.trainer.inputs.training_inputs import TrainingInputs


@dataclass(frozen=True)
class Sizes:
    """Numbers of users, interactions, movies of the vocabulary, and movies of the catalogue."""

    users: int
    interactions: int
    movies: int
    catalogue: int

    def __str__(self) -> str:
        return (
            f"{_short(self.interactions)} interactions, {self.users:,} users, "
            f"{self.movies:,} movies"
        )


def sizes_of(inputs: TrainingInputs) -> Sizes:
    """Returns the size of what a training reads."""
    summary = inputs.summary
    return Sizes(summary.users, summary.interactions, inputs.graph.movies, len(inputs.catalogue))


def _short(count: int) -> str:
    """Returns 25,000,095 as "25.0 M", and a number below a million in full."""
    return f"{count / 1e6:.1f} M" if count >= 1_000_000 else f"{count:,}"
