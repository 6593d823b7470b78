"""Inputs of several requests as one batch."""

from __future__ import annotations

import numpy as np

from serving.batching.merge import can_merge, merge, split


def strings(rows: list) -> np.ndarray:
    array = np.empty(np.shape(rows), object)
    array[...] = rows
    return array


def test_merge_pads_lists_to_the_longest() -> None:
    one = {"user": strings([b"a"]), "exclude": strings([[b"x"]])}
    other = {"user": strings([b"b", b"c"]), "exclude": strings([[b"y", b"z"], [b"z", b"y"]])}
    merged = merge([one, other])
    assert merged["user"].tolist() == [b"a", b"b", b"c"]
    assert merged["exclude"].tolist() == [[b"x", b""], [b"y", b"z"], [b"z", b"y"]]


def test_split_gives_each_request_its_rows() -> None:
    outputs = {"score": np.arange(6.0).reshape(6, 1)}
    parts = split(outputs, [1, 0, 3, 2])
    assert [part["score"][:, 0].tolist() for part in parts] == [[0], [], [1, 2, 3], [4, 5]]


def test_numbers_and_deeper_lists_do_not_share_a_batch() -> None:
    assert can_merge({"user": strings([b"a"]), "exclude": strings([[b"x"]])})
    assert not can_merge({"user": strings([b"a"]), "age": np.array([1.0])})
    assert not can_merge({"user": strings([[[b"a"]]])})
