from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.errors import DataError
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.inputs.transform_graph import TransformGraph
from components.trainer.inputs.user_rows import UserRows, summarise
from tests.components.trainer.synthetic import SEEN, World, write_world

USERS = 160


def test_summarise_gives_every_user_with_its_movies_in_order(
    world: World, training_inputs: TrainingInputs
) -> None:
    users, movies = training_inputs.graph.user_ids(), training_inputs.graph.movie_ids()
    rows = training_inputs.summary.rows
    read = {
        users[user].decode(): [movies[movie].decode() for movie in of_user]
        for user, of_user in zip(rows.user_index.numpy(), rows.movies.to_list(), strict=True)
    }
    assert read == world.train
    assert (rows.users, rows.interactions) == (USERS, USERS * SEEN)


def test_summarise_counts(world: World, training_inputs: TrainingInputs) -> None:
    summary = training_inputs.summary
    assert (summary.rows.users, summary.rows.interactions) == (USERS, USERS * SEEN)
    ids = [movie.decode() for movie in training_inputs.graph.movie_ids()]
    watched = [movie for movies in world.train.values() for movie in movies]
    assert summary.movie_counts.tolist() == [*(watched.count(movie) for movie in ids), 0]


def test_summarise_orders_rows_by_user(training_inputs: TrainingInputs) -> None:
    assert training_inputs.summary.rows.user_index.numpy().tolist() == list(range(USERS))


def test_summarise_refuses_files_without_interactions(
    training_inputs: TrainingInputs, tmp_path: Path
) -> None:
    file = str(tmp_path / "empty.gz")
    tf.io.TFRecordWriter(file, tf.io.TFRecordOptions(compression_type="GZIP")).close()
    with pytest.raises(DataError, match=f"no interaction to train on.*{re.escape(file)}"):
        summarise([file], training_inputs.graph)


@pytest.fixture(scope="module")
def weighted(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three users; u1 has no weights."""
    train = {"u0": ["m0", "m1"], "u1": ["m1"], "u2": ["m1", "m2", "m0"]}
    weights = {"u0": [5.0, 1.0], "u2": [2.0, 4.0, 6.0]}
    titles = {f"m{number}": "" for number in range(3)}
    return write_world(tmp_path_factory.mktemp("weighted"), train, {}, titles, weights)


# The weights are 5, 1, 2, 4, 6, and 1 for u1's movie: 19 in all.
MEAN = 19 / 6
EXPECTED = {
    ("u0", "m0"): 5.0,
    ("u0", "m1"): 1.0,
    ("u1", "m1"): 1.0,
    ("u2", "m1"): 2.0,
    ("u2", "m2"): 4.0,
    ("u2", "m0"): 6.0,
}


def named_weights(rows: UserRows, graph: TransformGraph) -> dict[tuple[str, str], float]:
    users, movies = graph.user_ids(), graph.movie_ids()
    return {
        (users[user].decode(), movies[movie].decode()): weight
        for user, of_user, weights in zip(
            rows.user_index.numpy(), rows.movies.to_list(), rows.weights.to_list(), strict=True
        )
        for movie, weight in zip(of_user, weights, strict=True)
    }


def test_rows_have_weights_in_units_of_their_mean(weighted: World) -> None:
    graph = TransformGraph(weighted.transform_graph)
    actual = named_weights(summarise(weighted.example_files, graph).rows, graph)
    assert actual == pytest.approx({key: weight / MEAN for key, weight in EXPECTED.items()})
    assert sum(actual.values()) == pytest.approx(6)


def test_rows_without_weights_have_none(training_inputs: TrainingInputs) -> None:
    assert training_inputs.summary.rows.weights is None
    assert len(training_inputs.summary.rows.columns()) == 2


def test_summarise_refuses_weights_that_are_not_parallel(tmp_path: Path) -> None:
    train, weights = {"u0": ["m0", "m1"]}, {"u0": [1.0]}
    world = write_world(tmp_path, train, {}, {"m0": "", "m1": ""}, weights)
    with pytest.raises(DataError, match="not as many weights as interactions"):
        summarise(world.example_files, TransformGraph(world.transform_graph))


# Rows 0, 2 and 3 of four have interactions; a weight is the movie's number.
SOME = tf.RaggedTensor.from_row_lengths(tf.constant([7, 3, 5, 1, 2, 9]), [2, 0, 3, 1])
ROWS = UserRows(tf.range(4), SOME, SOME.with_flat_values(tf.cast(SOME.flat_values, tf.float32)))


def test_positions_of_names_each_interaction_of_the_rows() -> None:
    users, positions = ROWS.positions_of(np.array([0, 1, 3]))
    assert users.tolist() == [0, 0, 3]
    assert positions.tolist() == [0, 1, 5]
    assert [part.size for part in ROWS.positions_of(np.zeros(0, np.int64))] == [0, 0]


@pytest.mark.parametrize("positions", [[], [0, 1, 2], [1, 3, 5], [0, 1, 2, 3, 4, 5]])
def test_only_and_without_divide_the_rows(positions: list[int]) -> None:
    only, rest = (part(np.array(positions, np.int64)) for part in (ROWS.only, ROWS.without))
    number, expected_only, expected_rest = 0, [], []
    for movies in SOME.to_list():
        places = range(number, number + len(movies))
        expected_only.append([m for p, m in zip(places, movies, strict=True) if p in positions])
        expected_rest.append([m for p, m in zip(places, movies, strict=True) if p not in positions])
        number += len(movies)
    for rows, expected in ((only, expected_only), (rest, expected_rest)):
        assert rows.movies.to_list() == rows.weights.to_list() == expected
        assert rows.user_index.numpy().tolist() == [0, 1, 2, 3]
