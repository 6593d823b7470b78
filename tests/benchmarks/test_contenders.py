"""Each contender finds the planted tastes: 3 movies of the user's block among 42 unseen ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import python_of
from benchmarks.contend import contend
from benchmarks.contenders import Options
from benchmarks.contenders.ease import item_weights
from benchmarks.contenders.sasrec import listed
from benchmarks.processes import run_json
from benchmarks.split import Split, World
from tests.benchmarks.synthetic import make_world

OPTIONS = Options(notebook_epochs=1, notebook_steps=1, assignments=("trainer.epochs=10",))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


def test_split_holds_what_the_examples_hold(world: World, tmp_path: Path) -> None:
    split = world.split
    # 4 blocks of 40 users, each with 9 of 12 movies in train and 3 held out; 3 unrated movies.
    assert (split.users, split.movies) == (160, 51)
    assert (len(split.train_user), len(split.eval_user)) == (160 * 9, 160 * 3)
    block = {user: int(user[1:]) % 4 for user in split.user_ids.tolist()}
    of_movie = [split.movie_ids[position] for position in split.eval_movie]
    assert all(
        movie.startswith(b"m%d-" % block[split.user_ids[user]])
        for user, movie in zip(split.eval_user, of_movie, strict=True)
    )
    assert split.matrix.sum() == 160 * 9
    split.save(tmp_path / "split.npz")
    assert np.array_equal(Split.load(tmp_path / "split.npz").eval_movie, split.eval_movie)


@pytest.mark.parametrize("name", ["ease", "als", "ours"])
def test_contender_finds_planted_tastes(name: str, world: World) -> None:
    if name == "als":
        pytest.importorskip("implicit")
    result = contend(name, world, OPTIONS)
    # The 3 held-out movies are the only unseen ones of the block: a top 10 holds all of them.
    assert result["figures"]["unseen_top_10_accuracy"] > 0.9
    assert result["fit_seconds"] > 0
    assert result["evaluation_seconds"] > 0
    assert result["peak_bytes"] > 1 << 20


@pytest.mark.parametrize("name", ["transitions", "history", "ours"])
def test_contender_of_next_movies_finds_planted_tastes(name: str, world: World) -> None:
    options = Options(assignments=("trainer.epochs=10",), preset="next-movie")
    result = contend(name, world, options)
    assert result["figures"]["unseen_top_10_accuracy"] > 0.9
    if name != "transitions":
        assert "preset next-movie" in result["notes"]["settings"]


def test_popularity_finds_them_by_chance_only(world: World) -> None:
    # 10 of the 42 unseen movies hold 10/42 = .24 of any three, give or take.
    figures = contend("popularity", world, OPTIONS)["figures"]
    assert 0.1 < figures["unseen_top_10_accuracy"] < 0.4


def test_notebook_is_trained_or_timed(world: World) -> None:
    trained = contend("notebook", world, OPTIONS)
    assert set(trained["figures"]) >= {"top_100_accuracy", "unseen_top_10_accuracy"}
    timed = contend("notebook-metrics", world, OPTIONS)
    assert timed["figures"] is None
    assert timed["evaluation_seconds"] is None
    assert timed["notes"]["extrapolated_from_steps"] == 1
    assert timed["fit_seconds"] > 0


def test_sasrec_finds_planted_tastes_in_its_own_environment(world: World) -> None:
    python = python_of("sasrec", Path(__file__).parents[2])
    if python is None:
        pytest.skip("no .venv-peers here (make peers)")
    options = ["--work", str(world.folder), "--sasrec-epochs", "40"]
    log = world.folder / "log.txt"
    result = run_json("contend", "sasrec", *options, log=log, python=python)
    assert result["figures"]["unseen_top_10_accuracy"] > 0.9
    assert "rectools" in result["notes"]["settings"]


def test_recommendations_become_lists() -> None:
    # User 4 has two movies, in any order of the rows, and user 9 has one.
    users, movies, ranks = np.array([9, 4, 4]), np.array([7, 6, 5]), np.array([1, 2, 1])
    assert listed(users, movies, ranks, np.array([4, 9]), 3).tolist() == [[5, 6, -1], [7, -1, -1]]


def test_ease_solves_the_ridge_regression_with_zero_diagonal() -> None:
    # Two movies: minimise ‖x1 - b·x2‖² + λb², so b = x1·x2 / (x2·x2 + λ) = 2 / (3 + 1) = .5, and
    # the other way 2 / (4 + 1) = .4.
    gram = np.array([[4.0, 2.0], [2.0, 3.0]])
    # B_ij is the weight of movie i for movie j.
    assert np.allclose(item_weights(gram, 1.0), [[0.0, 0.4], [0.5, 0.0]])
