"""Counts interactions by time, in bounded memory, to find the second at which eval starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

MAX_STEPS = 1 << 20


@dataclass(frozen=True)
class Timeline:
    """Interactions counted on a grid of 2^shift seconds.

    The shift is the smallest that leaves at most `max_steps` occupied steps, so the counts are
    exact to the second for up to a million different timestamps, and merging gives the same
    result in any order.

    Attributes:
        steps: int64 [k], ascending: timestamp >> shift.
        counts: int64 [k].
        shift: Logarithm of the step's seconds.
    """

    steps: np.ndarray
    counts: np.ndarray
    shift: int = 0


def _summed(steps: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    unique, inverse = np.unique(steps, return_inverse=True)
    total = np.zeros(len(unique), np.int64)
    np.add.at(total, inverse, counts)
    return unique, total


def _fitted(steps: np.ndarray, counts: np.ndarray, shift: int, max_steps: int) -> Timeline:
    steps, counts = _summed(steps, counts)
    while len(steps) > max_steps:
        shift += 1
        steps, counts = _summed(steps >> 1, counts)
    return Timeline(steps, counts, shift)


def count(timestamps: np.ndarray, max_steps: int = MAX_STEPS) -> Timeline:
    """Counts timestamps, int64 [n]."""
    return _fitted(timestamps, np.ones(len(timestamps), np.int64), 0, max_steps)


def merge(parts: Iterable[Timeline], max_steps: int = MAX_STEPS) -> Timeline:
    """Adds timelines up."""
    parts = list(parts)
    if not parts:
        return count(np.array([], np.int64), max_steps)
    shift = max(part.shift for part in parts)
    steps = np.concatenate([part.steps >> (shift - part.shift) for part in parts])
    return _fitted(steps, np.concatenate([part.counts for part in parts]), shift, max_steps)


def cut(timeline: Timeline, fraction: float) -> int:
    """Returns the second from which on the share of interactions is closest to `fraction`.

    Interactions of the same step stay together. Of two cuts equally close the later one counts.
    Both sides hold something where there are at least two steps.
    """
    if not len(timeline.steps):
        return 0
    later = np.cumsum(timeline.counts[::-1])[::-1]  # interactions from each step on
    distance = np.abs(later - fraction * later[0])
    if len(distance) > 1:
        distance = distance[1:]
    best = len(timeline.steps) - 1 - int(np.argmin(distance[::-1]))
    return int(timeline.steps[best] << timeline.shift)
