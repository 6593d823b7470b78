"""The planted tastes as a model of the benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.contenders import Options, popularity
from benchmarks.scale import planted
from benchmarks.scoring import accuracy
from benchmarks.split import Split, World
from pipeline.sample_data.generate import SampleSpec, generate, write_spec

SPEC = SampleSpec(users=400, movies=300, ratings=16_000)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A quarter of the ratings is held out; movies are in another order than in the data."""
    folder = tmp_path_factory.mktemp("planted")
    write_spec(folder / "data", SPEC)
    sample, rng = generate(SPEC), np.random.default_rng(0)
    users = np.sort(np.arange(1, SPEC.users + 1).astype(bytes))
    movies = rng.permutation(sample.movie_ids).astype(bytes)
    place_of_user = {user: place for place, user in enumerate(users.tolist())}
    place_of_movie = {movie: place for place, movie in enumerate(movies.tolist())}
    ids = (sample.user + 1).astype(bytes), sample.movie_ids[sample.movie].astype(bytes)
    rows = np.array(
        [
            (place_of_user[user], place_of_movie[movie])
            for user, movie in zip(*(column.tolist() for column in ids), strict=True)
        ],
        np.int32,
    )
    held_out = rng.random(len(rows)) < 0.25
    Split(users, movies, *rows[~held_out].T, *rows[held_out].T).save(folder / "split.npz")
    return World(folder, {})


def test_indices_are_those_of_the_generated_data(world: World) -> None:
    users, movies = planted.indices_in(world.folder / "data", world.split)
    assert [str(user + 1).encode() for user in users] == world.split.user_ids.tolist()
    ids = generate(SPEC).movie_ids[movies]
    assert [str(movie).encode() for movie in ids] == world.split.movie_ids.tolist()


def test_planted_tastes_find_more_than_the_popular_movies(world: World) -> None:
    fits = planted.fit(world), popularity.fit(world, Options())
    ours, popular = (
        accuracy(fitted.lists(), world.split)["unseen_top_10_accuracy"] for fitted in fits
    )
    assert ours > 1.5 * popular
