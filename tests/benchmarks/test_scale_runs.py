"""Sizes, processes, the split of a run, the choice of a peer's setting."""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from benchmarks.processes import ChildError
from benchmarks.scale import __main__ as bench
from benchmarks.scale import peer, whole_run
from benchmarks.scale.peer import TooLargeError, check_ease, choose, fit_ease, measure
from benchmarks.scale.sizes import DataSize, ratings_argument, size_of
from benchmarks.scale.validation import validation_split
from benchmarks.scale.whole_run import Ended, run_process, summarise
from benchmarks.scale.world import read_split, sampled, write_examples
from benchmarks.split import Split, World
from pipeline.sample_data.generate import SampleSpec
from tests.benchmarks.synthetic import make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


def test_known_sizes_have_the_users_and_movies_of_movielens() -> None:
    assert size_of(1_000_000) == DataSize(1_000_000, 6_040, 3_883)
    assert size_of(5_000_000) == DataSize(5_000_000, 32_000, 12_000)
    assert size_of(25_000_000) == DataSize(25_000_000, 162_000, 59_000)


def test_sizes_between_are_powers_of_the_ratings() -> None:
    # The geometric mean of 1 and 25 million is not a known size, that of 100,000 and a million is
    # between known ones: its users and movies are the geometric means too.
    middle = size_of(round((100_000 * 1_000_000) ** 0.5))
    assert middle.users == pytest.approx((943 * 6_040) ** 0.5, abs=1)
    assert middle.movies == pytest.approx((1_682 * 3_883) ** 0.5, abs=1)


@pytest.mark.parametrize("ratings", [20_000, 50_000, 200_000, 2_000_000, 10**8])
def test_every_size_can_be_generated(ratings: int) -> None:
    SampleSpec(**vars(size_of(ratings)))  # raises where the numbers do not fit each other


def test_sizes_grow_with_the_ratings() -> None:
    sizes = [size_of(n) for n in (20_000, 10**5, 3 * 10**5, 10**6, 2 * 10**6, 10**7, 10**8)]
    for small, large in pairwise(sizes):
        assert small.users < large.users
        assert small.movies < large.movies


@pytest.mark.parametrize(
    ("ratings", "name"),
    [(25_000_000, "25M"), (200_000, "200k"), (1_500_000, "1500k"), (20_001, "20001")],
)
def test_name_is_short(ratings: int, name: str) -> None:
    assert size_of(ratings).name == name


@pytest.mark.parametrize("text", ["", "many", "-1", "1e6", "19999"])
def test_ratings_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="20,000"):
        ratings_argument(text)
    assert ratings_argument("20000") == 20_000


def test_process_ends_with_its_code_and_its_peak(tmp_path: Path) -> None:
    code = "import sys; print('hello'); block = b'x' * (200 << 20); sys.exit(3)"
    ended = run_process([sys.executable, "-c", code], tmp_path / "log.txt")
    assert ended.code == 3
    assert ended.peak_bytes > 200 << 20
    assert (tmp_path / "log.txt").read_text() == "hello\n"


def test_peak_is_that_of_the_largest_process(tmp_path: Path) -> None:
    child = "block = b'x' * (200 << 20)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    ended = run_process([sys.executable, "-c", code], tmp_path / "log.txt")
    assert ended.peak_bytes > 200 << 20


def test_run_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(command: list[str], log: Path, folder: Path | None) -> Ended:
        log.write_text("error: no ratings\n")
        return Ended(2, 1.0, 1)

    monkeypatch.setattr(whole_run, "run_process", fail)
    with pytest.raises(ChildError, match="ended with 2:\nerror: no ratings"):
        whole_run.run_pipeline(tmp_path / "data", tmp_path / "runs")


def test_summary_keeps_the_seconds_in_their_order() -> None:
    components = [
        {"id": name, "seconds": seconds, "state": "done"}
        for name, seconds in (("B", 2.0), ("A", 1.0))
    ]
    record = {
        "status": "refused",
        "reason": "gate",
        "components": components,
        "training": {"seconds": {"fit": 1.0}},
        "metrics": {},
    }
    actual = summarise(record, Ended(3, 4.0, 5, 6.0))
    assert list(actual["components"].items()) == [("B", 2.0), ("A", 1.0)]
    assert (actual["status"], actual["seconds"], actual["peak_bytes"]) == ("refused", 4.0, 5)
    assert actual["processor_seconds"] == 6.0


def test_sample_of_users_is_the_same_in_any_order() -> None:
    ids = np.array([f"u{n}".encode() for n in range(100)])
    order = np.random.default_rng(0).permutation(100)
    chosen = set(ids[sampled(ids, 10)].tolist())
    assert len(chosen) == 10
    assert set(ids[order][sampled(ids[order], 10)].tolist()) == chosen
    # A smaller sample is a part of a larger one.
    assert set(ids[sampled(ids, 5)].tolist()) < chosen
    assert sampled(ids, 1000).tolist() == list(range(100))


def test_split_of_a_run_is_that_of_prepare_with_a_part_of_eval(world: World) -> None:
    examples, movies = world.folder / "examples", world.folder / "movies"
    everything = read_split(examples, movies, 160)
    for name, expected in vars(world.split).items():
        assert np.array_equal(getattr(everything, name), expected), name
    part = read_split(examples, movies, 20)
    assert len(part.asked) == 20
    assert len(part.eval_user) == 20 * 3  # three movies are held out for each user
    assert np.array_equal(part.train_movie, world.split.train_movie)


def test_examples_of_the_sample_are_written_beside_those_of_train(
    world: World, tmp_path: Path
) -> None:
    users = world.split.user_ids[:7].tolist()
    write_examples(world.folder / "examples", users, tmp_path)
    write_examples(world.folder / "examples", users, tmp_path)  # again, after an interruption
    again = read_split(tmp_path, world.folder / "movies", 160)
    assert again.user_ids[again.asked].tolist() == users
    assert len(again.train_user) == len(world.split.train_user)


def test_validation_part_is_taken_from_train(world: World) -> None:
    part = validation_split(world.split, users=40)
    assert len(part.asked) <= 40
    rows = [*zip(part.train_user, part.train_movie, strict=True)]
    rows += [*zip(part.eval_user, part.eval_movie, strict=True)]
    assert sorted(rows) == sorted(zip(world.split.train_user, world.split.train_movie, strict=True))
    # Of 40 users with 9 movies each a fifth: 72, with a deviation of (360 · .2 · .8)^.5 = 7.6.
    assert 42 < len(part.eval_user) < 102


def test_choice_is_the_value_that_is_best_on_validation(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A list of 100 would hold all 51 movies.
    monkeypatch.setattr(peer, "CHOSEN_BY", "unseen_top_10_accuracy")

    # EASE's scores find the planted tastes, and their negative puts them last.
    def ease(split: Split, value: float):
        scores = fit_ease(split, 10.0)
        return lambda users: value * scores(users)

    best, found = choose(ease, world.split, [-1.0, 1.0])
    assert best == 1.0
    assert found[1.0] > found[-1.0]
    assert found[1.0] > 0.9


@pytest.mark.parametrize("name", ["popularity", "ease"])
def test_peer_is_measured_on_the_split(name: str, world: World) -> None:
    actual = measure(name, world)
    high = actual["figures"]["unseen_top_10_accuracy"]
    # A list of 10 of 42 unseen movies: by chance 10/42, with the planted tastes all of them.
    assert high > 0.9 if name == "ease" else high < 0.4
    assert actual["fit_seconds"] >= 0


def test_ease_that_does_not_fit_is_left_out_with_its_size() -> None:
    check_ease(1_000, 1 << 30)
    check_ease(100_000, None)  # nobody says how much there is
    # 59,000² pairs of 28 bytes: 90.8 GiB.
    with pytest.raises(TooLargeError, match="91 GiB for 59,000² movies, 16 GiB are free"):
        check_ease(59_000, 16 << 30)


def test_peer_that_fails_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: str, log: Path) -> None:
        raise ChildError("out of memory")

    monkeypatch.setattr(bench, "run_json", fail)
    row = bench.measure_peer("als", bench.PEERS["als"], tmp_path, tmp_path / "log.txt")
    assert row["left_out"].startswith("failed")
