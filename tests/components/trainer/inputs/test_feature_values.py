from __future__ import annotations

import numpy as np

from components.trainer.inputs.feature_values import index_values, reorder


def test_values_are_indices_of_the_sorted_vocabulary_and_none_is_the_unknown() -> None:
    feature = index_values("genres", [(b"War", b"Drama"), (), (b"Drama",)])
    assert feature.vocabulary.tolist() == [b"Drama", b"War"]
    assert feature.unknown == 2
    assert feature.rows.to_list() == [[1, 0], [2], [0]]


def test_a_feature_that_nobody_has_knows_nothing() -> None:
    feature = index_values("year", [(), ()])
    assert not feature.is_known
    assert index_values("year", [(), (b"1957",)]).is_known
    assert feature.rows.to_list() == [[0], [0]]


def test_reorder_takes_rows_from_their_places_and_the_unknown_from_none() -> None:
    feature = index_values("genres", [(b"War", b"Drama"), (b"Drama",)])
    assert reorder(feature, np.array([1, -1, 0])).rows.to_list() == [[0], [2], [1, 0]]
