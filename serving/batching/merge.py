"""Merges the inputs of several requests into one batch, and divides its outputs again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

Arrays = Mapping[str, np.ndarray]


def can_merge(inputs: Arrays) -> bool:
    """Returns whether a request may share a batch: strings, one or a list for each row.

    Lists of strings may be padded with "", which every signature leaves out.
    """
    return all(array.dtype == object and array.ndim in (1, 2) for array in inputs.values())


def merge(requests: Sequence[Arrays]) -> dict[str, np.ndarray]:
    """Returns the inputs of all requests, one below the other.

    Args:
        requests: Inputs of one or more requests with the same names; arrays [rows, …]. With more
            than one, each of them `can_merge`.
    """
    if len(requests) == 1:
        return dict(requests[0])
    return {name: _stack([request[name] for request in requests]) for name in requests[0]}


def _stack(arrays: list[np.ndarray]) -> np.ndarray:
    if arrays[0].ndim == 1:
        return np.concatenate(arrays)
    width = max(array.shape[1] for array in arrays)
    return np.concatenate([_pad(array, width) for array in arrays])


def _pad(array: np.ndarray, width: int) -> np.ndarray:
    """Pads strings [rows, m] with "" to [rows, width]."""
    missing = width - array.shape[1]
    return np.pad(array, ((0, 0), (0, missing)), constant_values=b"") if missing else array


def split(outputs: Arrays, rows: Sequence[int]) -> list[dict[str, np.ndarray]]:
    """Returns each request's part of the outputs.

    Args:
        outputs: Arrays [sum of rows, …].
        rows: Rows of each request, in the order in which they were merged.
    """
    ends = np.cumsum(rows)
    return [
        {name: array[end - count : end] for name, array in outputs.items()}
        for end, count in zip(ends, rows, strict=True)
    ]
