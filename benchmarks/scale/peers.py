"""What is measured beside our model, and the values that a setting of each is chosen from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """One model.

    Attributes:
        title: For the table.
        values: Values of its setting; the best on a validation part of train is measured.
    """

    title: str
    values: tuple[float, ...] = ()


OURS, IN_BATCH, PLANTED = "ours", "in-batch", "planted"
PEERS = {
    "popularity": Peer("most rated movies"),
    "als": Peer("implicit ALS (library implicit)", (3.0, 30.0, 300.0)),
    "ease": Peer("EASE (numpy)", (60.0, 250.0, 1000.0, 4000.0)),
    IN_BATCH: Peer("our Trainer, in-batch loss, dim 32", (0.01, 0.03, 0.1)),
    OURS: Peer("ours, default preset"),
    PLANTED: Peer("the planted tastes themselves (unseen: the bound)"),
}
# Bytes for a pair of movies while EASE is fitted: the product of the matrix with itself in sparse
# form (12), the same in dense form, its sum with the ridge, the inverse and what LAPACK copies.
EASE_BYTES = 12 + 4 * 4


def ease_memory(movies: int) -> int:
    """Returns the bytes that EASE takes at its peak."""
    return EASE_BYTES * movies * movies
