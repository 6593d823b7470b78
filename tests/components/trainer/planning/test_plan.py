from __future__ import annotations

import dataclasses
import json
import math
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from components.errors import ConfigError
from components.trainer.config import TrainerConfig, TrainerSettings
from components.trainer.planning.by_tower import BY_TOWER
from components.trainer.planning.device import Device
from components.trainer.planning.plan import POSITIONS, POSITIONS_OF_SAMPLED, Plan, plan
from components.trainer.planning.sizes import Sizes, sizes_of

ML_100K = Sizes(users=943, interactions=90_000, movies=1_650, catalogue=1_682)
ML_1M = Sizes(users=6_040, interactions=800_167, movies=3_706, catalogue=3_883)
ML_25M = Sizes(users=162_541, interactions=25_000_095, movies=59_047, catalogue=62_423)
MILLION_MOVIES = Sizes(10_000_000, 1_000_000_000, 1_000_000, 1_000_000)
GIB = 1 << 30
HISTORY = BY_TOWER["history"]


def chosen(sizes: Sizes, **settings: object) -> TrainerConfig:
    return plan(TrainerSettings(**settings), sizes).config


@pytest.mark.parametrize("sizes", [ML_100K, ML_1M], ids=["100k", "1m"])
def test_plan_of_the_small_data_sets_is_the_measured_training(sizes: Sizes) -> None:
    # The figures of docs/quality.md are of these values, the defaults of TrainerConfig.
    actual = plan(TrainerSettings(), sizes)
    assert actual.config == TrainerConfig(
        loss="full_softmax", embedding_dim=256, linear_rank=256, batch_size=256, epochs=40, steps=0
    )
    assert actual.config == TrainerConfig()
    assert actual.notes == []


def test_plan_of_25_million_ratings_samples_and_counts_steps() -> None:
    config = chosen(ML_25M)
    assert (config.loss, config.negatives) == ("sampled_softmax", 2048)
    assert (config.embedding_dim, config.linear_rank) == (128, 128)
    assert config.batch_size == 256
    # 40 passes would be 25,400 steps.
    assert config.steps == 2000


def test_plan_of_a_million_movies_passes_over_the_data_once() -> None:
    config = chosen(MILLION_MOVIES)
    assert (config.loss, config.embedding_dim) == ("sampled_softmax", 128)
    # 10,000,000 users, 256 in a step: more than 2,000 steps.
    assert config.steps == math.ceil(10_000_000 / 256)


def test_plan_for_a_gpu_puts_more_users_into_a_step_where_the_passes_are_limited() -> None:
    gpu = Device(is_gpu=True)
    config = plan(TrainerSettings(), ML_25M, device=gpu).config
    # Four times 256 users, in as many steps.
    assert (config.batch_size, config.steps) == (1024, 2000)
    # One pass of 40 million users.
    many = dataclasses.replace(ML_25M, users=40_000_000)
    assert plan(TrainerSettings(), many, device=gpu).config.steps == math.ceil(40_000_000 / 1024)
    # On ML-1M all 40 passes are made, as on a processor.
    assert plan(TrainerSettings(), ML_1M, device=gpu).config == chosen(ML_1M)
    assert plan(TrainerSettings(batch_size=31), ML_25M, device=gpu).config.batch_size == 31


def test_plan_for_a_gpu_scores_the_whole_catalogue_of_ten_times_the_size() -> None:
    # 6 · 256 users · 256 dimensions · movies: 4 GFLOP are 10,172 movies, 40 GFLOP 101,725.
    settings = TrainerSettings(embedding_dim=256, batch_size=256)
    for device, most in ((Device(), 10_172), (Device(is_gpu=True), 101_725)):
        for movies, loss in ((most, "full_softmax"), (most + 1, "sampled_softmax")):
            sizes = dataclasses.replace(ML_1M, movies=movies)
            assert plan(settings, sizes, device=device).config.loss == loss


def test_plan_takes_the_precision_that_the_device_is_faster_with() -> None:
    fast = Device(has_bfloat16=True)
    planned = plan(TrainerSettings(), ML_1M, device=fast)
    assert planned.config.precision == "bfloat16"
    assert "precision bfloat16" in planned.sentence(ML_1M)
    assert plan(TrainerSettings(), ML_1M).config.precision == "float32"
    assert "precision" not in plan(TrainerSettings(), ML_1M).sentence(ML_1M)
    given = TrainerSettings(precision="float32")
    assert plan(given, ML_1M, device=fast).config.precision == "float32"


def test_plan_counts_the_rounded_scores() -> None:
    scores = [
        plan(TrainerSettings(precision=precision), ML_1M).memory["the scores of a step"]
        for precision in ("float32", "bfloat16")
    ]
    # Scores and gradient, half as large: 256 users · 3,706 movies · 4 bytes in all.
    assert scores[1] - scores[0] == 256 * 3_706 * 4


def test_plan_counts_interactions_where_a_step_has_pairs() -> None:
    settings = {"query": "user_id", "loss": "in_batch"}
    # 800,167 interactions, 8,192 in a step: 98 steps in a pass, 3,920 in 40 of them.
    config = chosen(ML_1M, **settings)
    assert (config.batch_size, config.steps) == (8192, 2000)
    config = chosen(ML_100K, **settings)
    assert (config.epochs, config.steps) == (40, 0)


@pytest.mark.parametrize("sizes", [ML_1M, ML_25M], ids=["1m", "25m"])
@pytest.mark.parametrize(
    "settings",
    [
        {"loss": "full_softmax"},
        {"loss": "sampled_softmax", "negatives": 7},
        {"loss": "in_batch"},
        {"embedding_dim": 48},
        {"batch_size": 31},
        {"epochs": 3},
        {"steps": 77},
        {"linear_rank": 0},
        {"linear_rank": 5},
    ],
)
def test_plan_leaves_what_was_given(settings: dict, sizes: Sizes) -> None:
    # Of little memory too: whatever is made smaller, it is not what was given.
    free = plan(TrainerSettings(**settings), sizes)
    tight = smallest(TrainerSettings(**settings), sizes)
    for planned in (free, tight):
        assert settings.items() <= planned.config.model_dump().items()
        assert not set(settings) & set(planned.chosen)


def test_plan_of_given_epochs_has_no_steps_and_the_other_way_round() -> None:
    assert chosen(ML_25M, epochs=3).steps == 0
    assert chosen(ML_1M, steps=77).steps == 77


def test_settings_refuse_steps_and_epochs_together() -> None:
    with pytest.raises(ValidationError, match="steps=5 and epochs=3: give one of them"):
        TrainerSettings(steps=5, epochs=3)


def test_plan_takes_the_given_width_for_the_choice_of_the_loss() -> None:
    # 6 · 256 users · 20,000 movies · 100 dimensions = 3.07 GFLOP a step; of 256 it would be 7.9.
    assert chosen(Sizes(1000, 10_000, 20_000, 20_000), embedding_dim=100).loss == "full_softmax"
    assert chosen(Sizes(1000, 10_000, 20_000, 20_000), embedding_dim=256).loss == "sampled_softmax"


def steps(config: TrainerConfig, sizes: Sizes) -> int:
    """Returns the steps of a training of users."""
    return config.steps or config.epochs * math.ceil(sizes.users / config.batch_size)


def gigaflop(config: TrainerConfig, sizes: Sizes) -> float:
    """Returns the cost of a training by the formula of plan.py, with 32 targets for each user."""
    candidates = sizes.movies
    if config.loss == "sampled_softmax":
        candidates = min(candidates, 32 * config.batch_size + config.negatives)
    a_step = 6 * config.batch_size * candidates * config.embedding_dim / 1e9
    return a_step * steps(config, sizes)


@pytest.mark.parametrize("movies", [100, 1_000, 10_000, 100_000, 1_000_000])
@pytest.mark.parametrize("users", [100, 10_000, 12_800, 200_000, 512_000, 5_000_000])
def test_plan_costs_a_bounded_step_and_no_more_than_the_data_grow(users: int, movies: int) -> None:
    small, large = (Sizes(n, 100 * n, movies, movies) for n in (users, 10 * users))
    costs = [gigaflop(chosen(sizes), sizes) for sizes in (small, large)]
    # A step more for the rounding of a pass.
    assert costs[1] <= 10 * costs[0] * (1 + 256 / users)
    for sizes, cost in zip((small, large), costs, strict=True):
        assert cost <= HISTORY.softmax_gflop * steps(chosen(sizes), sizes)
        in_a_pass = math.ceil(sizes.users / 256)
        assert steps(chosen(sizes), sizes) <= max(HISTORY.most_steps, in_a_pass)
        assert steps(chosen(sizes), sizes) >= min(HISTORY.passes * in_a_pass, HISTORY.most_steps)


@pytest.mark.parametrize("sizes", [ML_1M, ML_25M], ids=["1m", "25m"])
def test_plan_of_more_movies_costs_no_more_than_they_grow(sizes: Sizes) -> None:
    more = Sizes(sizes.users, sizes.interactions, 10 * sizes.movies, 10 * sizes.catalogue)
    assert gigaflop(chosen(more), more) <= 10 * gigaflop(chosen(sizes), sizes)


def shrunk(settings: TrainerSettings, sizes: Sizes) -> list[Plan]:
    """Returns the plans that follow where each time a byte less is free than the last one needs."""
    plans = [plan(settings, sizes)]
    while True:
        try:
            plans.append(plan(settings, sizes, sum(plans[-1].memory.values()) - 1))
        except ConfigError:
            return plans


def smallest(settings: TrainerSettings, sizes: Sizes) -> Plan:
    return shrunk(settings, sizes)[-1]


def test_plan_with_as_much_memory_as_it_needs_changes_nothing() -> None:
    free = plan(TrainerSettings(), ML_1M)
    assert plan(TrainerSettings(), ML_1M, sum(free.memory.values())) == free


def test_plan_takes_the_smaller_ways_in_their_order() -> None:
    # A full softmax of 20,000 movies, so that a sample of 8,192 targets and 2,048 is smaller.
    sizes = Sizes(1000, 10_000, 20_000, 20_000)
    plans = shrunk(TrainerSettings(embedding_dim=100), sizes)
    assert [(p.config.loss, p.config.linear_rank) for p in plans] == [
        ("full_softmax", 100),
        ("full_softmax", 64),
        ("sampled_softmax", 64),
        ("sampled_softmax", 0),
    ]
    assert [len(p.notes) for p in plans] == [0, 1, 2, 3]
    for note, said in zip(
        plans[-1].notes, ("rank 64", "sampled softmax", "no linear"), strict=True
    ):
        assert said in note


def test_plan_narrows_the_towers_at_last() -> None:
    plans = shrunk(TrainerSettings(), ML_25M)
    widths = [(p.config.linear_rank, p.config.embedding_dim) for p in plans]
    assert widths == [(128, 128), (64, 128), (0, 128), (0, 32)]
    needed = [sum(p.memory.values()) for p in plans]
    assert needed == sorted(needed, reverse=True)


def test_plan_that_cannot_fit_says_in_one_line_what_would() -> None:
    needed = sum(smallest(TrainerSettings(), ML_25M).memory.values())
    with pytest.raises(ConfigError) as refused:
        plan(TrainerSettings(), ML_25M, needed - 1)
    said = str(refused.value)
    assert len(said.splitlines()) == 1
    assert said.startswith("trainer: a training on 25.0 M interactions, 162,541 users")
    assert f"needs {needed / GIB:.1f} GiB of memory" in said
    assert f"and {(needed - 1) / GIB:.1f} GiB are free" in said
    assert "free memory, raise the limit, or lower trainer.embedding_dim" in said


def test_plan_says_what_most_of_the_memory_is_for() -> None:
    # 1,000 users of a step · 1,000,000 movies · 4 bytes, several times.
    given = TrainerSettings(loss="full_softmax", batch_size=1000, embedding_dim=8, linear_rank=8)
    with pytest.raises(ConfigError, match="most of it for the scores of a step"):
        plan(given, MILLION_MOVIES, 16 * GIB)


def test_sentence_says_what_was_chosen_and_for_what() -> None:
    assert plan(TrainerSettings(), ML_25M).sentence(ML_25M) == (
        "chosen for 25.0 M interactions, 162,541 users, 59,047 movies: query history, "
        "loss sampled_softmax, negatives 2048, embedding_dim 128, batch_size 256, steps 2000, "
        "linear_rank 128"
    )
    assert plan(TrainerSettings(steps=9), ML_1M).sentence(ML_1M) == (
        "chosen for 800,167 interactions, 6,040 users, 3,706 movies: query history, "
        "loss full_softmax, embedding_dim 256, batch_size 256, linear_rank 256"
    )


def test_sentence_leaves_out_what_has_no_effect() -> None:
    planned = plan(TrainerSettings(query="user_id", loss="in_batch"), ML_100K)
    assert set(planned.chosen) == {"embedding_dim", "batch_size", "epochs"}


def test_sentence_is_empty_where_nothing_was_chosen() -> None:
    given = TrainerSettings(
        query="history",
        loss="full_softmax",
        embedding_dim=8,
        batch_size=8,
        epochs=1,
        linear_rank=0,
        negatives=1,
    )
    assert plan(given, ML_1M).sentence(ML_1M) == ""


IN_ORDER = dataclasses.replace(ML_1M, next_is_held_out=True)


def test_plan_takes_the_tower_that_knows_the_order_where_the_next_movie_is_held_out() -> None:
    assert chosen(IN_ORDER).query == "sequence"
    assert chosen(ML_1M).query == "history"
    assert chosen(IN_ORDER, query="history").query == "history"
    assert chosen(ML_1M, query="sequence").query == "sequence"


@pytest.mark.parametrize(
    ("method", "has_times", "expected"),
    [
        ("leave-last", True, True),
        ("leave-last", False, False),
        ("temporal", True, False),
        ("random", True, False),
    ],
)
def test_sizes_say_whether_the_next_movie_is_held_out(
    method: str, has_times: bool, expected: bool
) -> None:
    rows = SimpleNamespace(users=3, interactions=9)
    summary = SimpleNamespace(rows=rows, has_times=has_times)
    inputs: Any = SimpleNamespace(summary=summary, graph=SimpleNamespace(movies=4), catalogue=[0])
    sizes = sizes_of(inputs, json.dumps({"method": method}))
    assert sizes == Sizes(3, 9, 4, 1, next_is_held_out=expected)
    assert not sizes_of(inputs).next_is_held_out


def test_plan_of_a_tower_takes_its_values_unless_others_are_given() -> None:
    values = BY_TOWER["sequence"].values
    config = chosen(IN_ORDER)
    assert {name: getattr(config, name) for name in values} == values
    assert chosen(IN_ORDER, dropout=0.5).dropout == 0.5
    assert chosen(IN_ORDER).learning_rate != chosen(ML_1M).learning_rate


def test_plan_of_an_ordered_tower_counts_the_queries_of_a_step() -> None:
    # 64 users · 128 positions · 3,706 movies · 128 dimensions · 6 = 23.3 GFLOP; of 59,047 371.
    assert chosen(IN_ORDER).loss == "full_softmax"
    large = dataclasses.replace(ML_25M, next_is_held_out=True)
    assert chosen(large).loss == "sampled_softmax"
    # 15 passes would be 38,000 steps; one is more than the most that there are else.
    assert chosen(large).steps == math.ceil(162_541 / 64) > BY_TOWER["sequence"].most_steps
    # 512 positions: 93 GFLOP.
    assert chosen(IN_ORDER, positions=512).loss == "sampled_softmax"


def test_plan_predicts_from_fewer_positions_where_each_brings_its_candidates() -> None:
    large = dataclasses.replace(ML_25M, next_is_held_out=True)
    assert chosen(IN_ORDER).positions == POSITIONS
    assert chosen(large).positions == POSITIONS_OF_SAMPLED < POSITIONS
    assert chosen(large, positions=3).positions == 3
    assert chosen(large, loss="full_softmax").positions == POSITIONS
    assert chosen(IN_ORDER, loss="sampled_softmax").positions == POSITIONS_OF_SAMPLED
    assert f"positions {POSITIONS_OF_SAMPLED}" in plan(TrainerSettings(), large).sentence(large)
    assert "positions" not in plan(TrainerSettings(), ML_25M).sentence(ML_25M)


def test_plan_leaves_the_transitions_out_where_they_do_not_fit() -> None:
    plans = shrunk(TrainerSettings(), IN_ORDER)
    without = next(found for found in plans if not found.config.transition_rank)
    assert any("no transitions in closed form" in note for note in without.notes)
    # The matrix of three rates of 3,706 movies alone takes half a gigabyte.
    assert plans[0].memory["the transitions"] > 4 * (3 * 3706) ** 2
    assert "the transitions" not in without.memory


def test_plan_refuses_a_width_that_the_heads_of_a_block_cannot_share() -> None:
    with pytest.raises(ConfigError, match=r"embedding_dim=100: .* a multiple of 8 is accepted"):
        chosen(IN_ORDER, embedding_dim=100)
    assert chosen(ML_1M, embedding_dim=100).embedding_dim == 100
