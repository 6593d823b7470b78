"""The approximate index beside the exact one, on generated vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from components.trainer.export.scores import LOWEST, NO_ROW
from tests.components.trainer.export.index_worlds import (
    SIMILARITY_DIM,
    candidates,
    exact,
    lists,
    partitioned,
    queries,
    recall,
)

K = 50


def test_search_finds_most_of_the_exact_lists_with_their_scores() -> None:
    world, asked = candidates(), queries(64)
    scores, rows = lists(partitioned(world), asked, K)
    _, wanted = lists(exact(world), asked, K)
    assert recall(rows, wanted) > 0.9
    products = np.einsum("qd,qkd->qk", asked, world.vectors[rows])
    np.testing.assert_allclose(scores, products, rtol=1e-5, atol=1e-5)
    assert np.all(np.diff(scores) <= 0)


def test_search_with_all_partitions_is_exact() -> None:
    world, asked = candidates(), queries(16)
    index = partitioned(world, probes=1000)
    for found, wanted in zip(lists(index, asked, K), lists(exact(world), asked, K), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_search_with_one_partition_misses_candidates() -> None:
    world, asked = candidates(), queries(64)
    _, rows = lists(partitioned(world, partitions=20, probes=1), asked, K)
    assert recall(rows, lists(exact(world), asked, K)[1]) < 0.9


def test_search_gives_as_many_as_are_needed_however_few_are_probed() -> None:
    world, asked = candidates(), queries(5)
    index = partitioned(world, probes=1)
    for needed in (K, 1999, 2000, 3000):
        scores, rows = lists(index, asked, min(needed, 2000), needed)
        assert all(len(set(row)) == min(needed, 2000) for row in rows.tolist())
        assert np.all(scores > LOWEST)


def test_search_does_not_depend_on_the_batch() -> None:
    world, asked = candidates(), queries(33)
    index = partitioned(world, probes=3)
    together = index.search(tf.constant(asked), tf.range(K, K + 33 * 20, 20)).best(K)
    for row in (0, 20, 32):
        alone = index.search(tf.constant(asked[row : row + 1]), [K + 20 * row]).best(K)
        np.testing.assert_array_equal(alone[1][0], together[1][row])


def test_search_of_no_query_is_empty() -> None:
    index = partitioned(candidates(200), partitions=10)
    scores, rows = lists(index, queries(3)[:0], K)
    assert scores.shape == rows.shape == (0, K)


def test_search_of_a_catalogue_smaller_than_k_gives_all_of_it() -> None:
    world = candidates(30)
    shortlist = partitioned(world, partitions=7, probes=1).search(
        tf.constant(queries(4)), tf.fill([4], K)
    )
    assert shortlist.values.shape == (4, K)
    for scores, rows in zip(shortlist.values.numpy(), shortlist.rows.numpy(), strict=True):
        assert sorted(rows[:30].tolist()) == list(range(30))
        assert set(rows[30:].tolist()) == {NO_ROW}
        assert np.all(scores[30:] == LOWEST)


def test_search_exactly_misses_nothing() -> None:
    world, asked = candidates(), queries(37)  # no multiple of the block
    index = partitioned(world, probes=1)
    found = index.search_exactly(tf.constant(asked), tf.fill([37], K)).best(K)
    wanted = lists(exact(world), asked, K)
    np.testing.assert_array_equal(found[1], wanted[1])
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-5)
    nothing = index.search_exactly(tf.constant(asked[:0]), tf.zeros([0], tf.int32)).best(K)
    assert nothing[1].shape == (0, K)


def test_similar_finds_most_of_the_exact_neighbours() -> None:
    world = candidates()
    rows = tf.range(0, 2000, 10)  # all rated
    found = partitioned(world).similar(rows, tf.fill([200], K)).best(K)
    wanted = exact(world).similar(rows, tf.fill([200], K)).best(K)
    assert recall(found[1].numpy(), wanted[1].numpy()) > 0.9
    vectors = world.vectors[:, :SIMILARITY_DIM]
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = np.einsum("qd,qkd->qk", vectors[::10], vectors[found[1]])
    np.testing.assert_allclose(found[0], cosines, rtol=1e-4, atol=1e-5)
    # A movie is nearest to itself, and an unrated one is near to nothing.
    np.testing.assert_array_equal(found[1][:, 0], rows)
    assert world.rated[found[1].numpy()].all()


def test_similar_without_partitions_is_exact() -> None:
    world, rows = candidates(), tf.range(0, 2000, 90)
    found = partitioned(world, divide_similar=False).similar(rows, tf.fill([23], K)).best(K)
    wanted = exact(world).similar(rows, tf.fill([23], K)).best(K)
    np.testing.assert_array_equal(found[1], wanted[1])
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-4)


def test_gather_gives_the_vectors_of_rows() -> None:
    world = candidates(300)
    rows = np.array([0, 299, 17, 17], np.int32)
    for index in (exact(world), partitioned(world, partitions=10)):
        np.testing.assert_array_equal(index.gather(rows), world.vectors[rows])


def test_bfloat16_changes_scores_little_and_gather_says_how() -> None:
    world, asked = candidates(10_000), queries(8)  # more than a block
    for index in (exact(world, "bfloat16"), partitioned(world, 100, 1000, "bfloat16")):
        stored = index.gather(tf.range(10_000)).numpy()
        # A bfloat16 has 8 bits: half of 2^-7 of the largest power of two in the value.
        assert np.all(np.abs(stored - world.vectors) <= np.abs(world.vectors) / 256)
        scores, rows = lists(index, asked, K)
        products = asked @ stored.T
        np.testing.assert_allclose(scores, -np.sort(-products)[:, :K], rtol=1e-4, atol=1e-4)
        assert recall(rows, lists(exact(world), asked, K)[1]) > 0.9


def test_saved_index_gives_the_same(tmp_path: Path) -> None:
    index, asked = partitioned(candidates(500), partitions=12, probes=2), queries(6)

    def search(asked: tf.Tensor) -> dict[str, tf.Tensor]:
        scores, rows = index.search(asked, tf.fill([tf.shape(asked)[0]], K)).best(K)
        return {"scores": scores, "rows": rows}

    spec = tf.TensorSpec([None, asked.shape[1]], tf.float32)
    traced = tf.function(search, autograph=False).get_concrete_function(spec)
    tf.saved_model.save(index, str(tmp_path), signatures={"search": traced})
    loaded = tf.saved_model.load(str(tmp_path)).signatures["search"](asked=tf.constant(asked))
    scores, rows = lists(index, asked, K)
    np.testing.assert_array_equal(loaded["rows"], rows)
    np.testing.assert_allclose(loaded["scores"], scores, rtol=1e-5)
