from __future__ import annotations

import re
from pathlib import Path

import pytest
import tensorflow as tf

from components.errors import DataError
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.inputs.transform_graph import TransformGraph
from components.trainer.inputs.user_rows import UserRows, load, read_rows, summarise
from tests.components.trainer.synthetic import SEEN, World, write_world

USERS = 160


def test_read_rows_gives_every_user_with_its_movies(
    world: World, training_inputs: TrainingInputs
) -> None:
    ids = [movie.decode() for movie in training_inputs.graph.movie_ids()]
    rows = [
        [ids[movie] for movie in movies]
        for _, block in read_rows(world.example_files, training_inputs.graph)
        for movies in block.to_list()
    ]
    assert rows == list(world.train.values())


def test_summarise_counts(world: World, training_inputs: TrainingInputs) -> None:
    summary = training_inputs.summary
    assert (summary.users, summary.interactions) == (USERS, USERS * SEEN)
    ids = [movie.decode() for movie in training_inputs.graph.movie_ids()]
    watched = [movie for movies in world.train.values() for movie in movies]
    assert summary.movie_counts.tolist() == [*(watched.count(movie) for movie in ids), 0]


def test_summarise_orders_rows_by_user(training_inputs: TrainingInputs) -> None:
    assert training_inputs.summary.rows.user_index.numpy().tolist() == list(range(USERS))


@pytest.mark.parametrize("missing", [0, 1])
def test_summarise_keeps_rows_up_to_the_cache(
    missing: int, world: World, training_inputs: TrainingInputs
) -> None:
    # 4 bytes for each user and each interaction.
    size = 4 * USERS + 4 * USERS * SEEN
    summary = summarise(world.example_files, training_inputs.graph, size - missing)
    assert (summary.rows is None) is bool(missing)


def test_load_reads_all_rows(world: World, training_inputs: TrainingInputs) -> None:
    rows = load(world.example_files, training_inputs.graph)
    assert rows.movies.to_list() == training_inputs.summary.rows.movies.to_list()
    assert (rows.users, rows.interactions) == (USERS, USERS * SEEN)


def test_summarise_refuses_files_without_interactions(
    training_inputs: TrainingInputs, tmp_path: Path
) -> None:
    file = str(tmp_path / "empty.gz")
    tf.io.TFRecordWriter(file, tf.io.TFRecordOptions(compression_type="GZIP")).close()
    with pytest.raises(DataError, match=f"no interaction to train on.*{re.escape(file)}"):
        summarise([file], training_inputs.graph, 1 << 20)


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
    summary = summarise(weighted.example_files, graph, 1 << 20)
    assert summary.mean_weight == pytest.approx(MEAN)
    loaded = load(weighted.example_files, graph, summary.mean_weight)
    for rows in (summary.rows, loaded):
        actual = named_weights(rows, graph)
        assert actual == pytest.approx({key: weight / MEAN for key, weight in EXPECTED.items()})
        assert sum(actual.values()) == pytest.approx(6)


def test_summarise_counts_the_bytes_of_weights(weighted: World) -> None:
    graph = TransformGraph(weighted.transform_graph)
    # 4 bytes for each of 3 users, 6 interactions and 5 weights.
    assert summarise(weighted.example_files, graph, 4 * 14).rows is not None
    assert summarise(weighted.example_files, graph, 4 * 14 - 1).rows is None


def test_rows_without_weights_have_none(training_inputs: TrainingInputs) -> None:
    assert training_inputs.summary.mean_weight is None
    assert training_inputs.summary.rows.weights is None
    assert len(training_inputs.summary.rows.columns()) == 2


def test_summarise_refuses_weights_that_are_not_parallel(tmp_path: Path) -> None:
    train, weights = {"u0": ["m0", "m1"]}, {"u0": [1.0]}
    world = write_world(tmp_path, train, {}, {"m0": "", "m1": ""}, weights)
    with pytest.raises(DataError, match="not as many weights as interactions"):
        summarise(world.example_files, TransformGraph(world.transform_graph), 1 << 20)
