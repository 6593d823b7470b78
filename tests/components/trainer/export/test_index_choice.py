"""Which index is chosen, and how the number of probes is measured."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.export import index_choice
from components.trainer.export.candidate_index import Candidates
from components.trainer.export.index_choice import (
    Queries,
    choose_index,
    evenly,
    measure,
)
from components.trainer.export.partitions import Partitions
from tests.components.trainer.export.index_worlds import candidates, exact, lists, queries, recall

K = 20


def users(count: int = 200, seed: int = 1) -> Queries:
    """Queries of which each has seen two movies."""
    seen = np.random.default_rng(seed).integers(2000, size=[count, 2]).astype(np.int32)
    return Queries(queries(count, seed), tf.RaggedTensor.from_tensor(seen))


def chosen(world: Candidates | None = None, **settings: object) -> index_choice.ChosenIndex:
    config = TrainerConfig.model_validate(settings)
    return choose_index(world or candidates(), users, K, config)


def test_choose_index_of_a_small_catalogue_is_exact_and_asks_for_no_users() -> None:
    def nobody() -> Queries:
        raise AssertionError("an exact index needs no queries")

    config = TrainerConfig(index_precision="bfloat16")
    index = choose_index(candidates(), nobody, K, config)
    assert index.index.is_exact
    assert index.facts == {"kind": "exact", "precision": "bfloat16"}


def test_choose_index_keeps_the_catalogues_exact_whose_product_is_cheap() -> None:
    # MovieLens-25M has 59,047 movies.
    assert index_choice.AUTO_MOVIES > 59_047


@pytest.mark.parametrize("wanted", [0.5, 0.9, 0.99])
def test_choose_index_probes_what_the_wanted_recall_takes(wanted: float) -> None:
    world = candidates()
    index = chosen(world, index="partitioned", index_recall=wanted)
    assert not index.index.is_exact
    assert index.facts["search"]["recall"] >= wanted
    assert index.facts["similar"]["recall"] >= wanted
    # Other users than those it was measured with: 200 lists of 20 tell the recall to a few percent.
    asked = queries(200, seed=7)
    found, right = lists(index.index, asked, K), lists(exact(world), asked, K)
    assert recall(found[1], right[1]) > wanted - 0.05


def test_choose_index_measures_the_fewest_probes() -> None:
    facts = chosen(index="partitioned", index_recall=0.9).facts["search"]
    fewer = chosen(index="partitioned", index_probes=facts["probes"] - 1).facts["search"]
    assert fewer["probes"] == facts["probes"] - 1
    assert fewer["recall"] < 0.9


def test_choose_index_takes_settings_for_measurements() -> None:
    facts = chosen(index="partitioned", index_partitions=30, index_probes=2).facts["search"]
    assert facts["probes"] == 2
    assert facts["partitions"] <= 30


def test_choose_index_of_a_large_catalogue_is_partitioned_where_that_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_choice, "AUTO_MOVIES", 2000)
    grouped = chosen(candidates(2000))
    assert grouped.facts["kind"] == "partitioned"
    assert grouped.facts["search"]["share"] < 0.25
    # Of plain noise no partition says anything: nearly everything would have to be read.
    noise = np.random.default_rng(0).standard_normal([2000, 64]).astype(np.float32)
    nothing = np.random.default_rng(1).standard_normal([100, 64]).astype(np.float32)
    without_seen = tf.RaggedTensor.from_tensor(np.zeros([100, 0], np.int32))
    kept = choose_index(
        Candidates(noise, 64, np.ones(2000, bool)),
        lambda: Queries(nothing, without_seen),
        K,
        TrainerConfig(),
    )
    assert kept.index.is_exact
    assert kept.facts["kind"] == "exact"
    assert kept.facts["search"]["share"] > 0.25


def test_measure_counts_the_partitions_in_which_the_best_are() -> None:
    # Rows 0 to 3 in partition 0, 4 and 5 in 1, 6 in 2. The query ranks the partitions 2, 0, 1.
    partitions = Partitions(
        np.arange(7, dtype=np.int32), np.array([0, 4, 6, 7]), np.array([[2.0], [1.0], [3.0]])
    )
    best = np.array([[6, 0, 1, 4]])
    asked = np.array([[1.0]], np.float32)
    # 1 of 4 is in the first partition, 3 in the first two, all in three.
    found = {wanted: measure(asked, partitions, best, wanted) for wanted in (0.25, 0.3, 0.75, 1.0)}
    assert {wanted: one.probes for wanted, one in found.items()} == {0.25: 1, 0.3: 2, 0.75: 2, 1: 3}
    # Two partitions hold 5 of the 7 rows.
    assert (found[0.3].recall, found[0.3].share) == (0.75, round(5 / 7, 4))
    assert measure(asked, partitions, best, 1.0, probes=9).probes == 3


def test_choose_index_of_movies_that_nobody_rated() -> None:
    world = candidates(300)
    unrated = Candidates(world.vectors, world.similarity_dim, np.zeros(300, bool))
    asked = Queries(queries(5), tf.RaggedTensor.from_tensor(np.zeros([5, 1], np.int32)))
    config = TrainerConfig(index="partitioned")
    assert choose_index(unrated, lambda: asked, K, config).facts["kind"] == "partitioned"


def test_evenly_takes_first_and_last() -> None:
    assert evenly(np.arange(100), 3).tolist() == [0, 50, 99]
    assert evenly(np.arange(2), 5).tolist() == [0, 1]
