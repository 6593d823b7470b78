from __future__ import annotations

import re
from pathlib import Path

import pytest
import tensorflow as tf

from components.errors import DataError
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.inputs.user_rows import load, read_rows, summarise
from tests.components.trainer.synthetic import SEEN, World

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
