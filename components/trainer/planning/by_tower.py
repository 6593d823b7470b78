"""What was measured for each query tower, whatever the size of the data (docs/quality.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TowerDefaults:
    """Values of settings that are "auto", and the limits of a training.

    Attributes:
        values: Settings that do not depend on the size of the data.
        dim: Width of the embeddings, of a catalogue that is not large.
        batch_size: Users in a step.
        passes: Passes over the data, unless they would be more than `most_steps`.
        most_steps: Steps of a training on many users.
        softmax_gflop: Up to so many GFLOP of a step the whole catalogue is scored.
    """

    values: Mapping[str, Any]
    dim: int
    batch_size: int
    passes: int
    most_steps: int
    softmax_gflop: float

    def makes_all_passes(self, steps_in_pass: int) -> bool:
        """Returns whether all passes are few enough steps."""
        return self.passes * steps_in_pass <= self.most_steps


_BAG = TowerDefaults(
    {
        "optimizer": "adam_mini",
        "learning_rate": 0.01,
        "weight_decay": 0.1,
        "label_smoothing": 0.1,
        "dropout": 0.6,
    },
    dim=256,
    batch_size=256,
    passes=40,
    most_steps=2000,
    softmax_gflop=4.0,  # 10,000 movies with 256 users and 256 dimensions
)
_SEQUENCE = TowerDefaults(
    {
        "optimizer": "adam",
        "learning_rate": 0.002,
        "weight_decay": 0.0,
        "label_smoothing": 0.0,
        "dropout": 0.3,
    },
    dim=128,
    batch_size=64,
    passes=15,
    most_steps=2400,
    softmax_gflop=64.0,  # 10,000 movies with 64 users, 128 positions of each and 128 dimensions
)
BY_TOWER = {"history": _BAG, "user_id": _BAG, "sequence": _SEQUENCE}
