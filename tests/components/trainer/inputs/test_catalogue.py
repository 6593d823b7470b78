from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.errors import DataError
from components.trainer.inputs.catalogue import Catalogue, read_catalogue
from tests.components.trainer.synthetic import serialise


def write(folder: Path, *examples: bytes) -> list[str]:
    file = str(folder / "movies.gz")
    with tf.io.TFRecordWriter(file, tf.io.TFRecordOptions(compression_type="GZIP")) as writer:
        for example in examples:
            writer.write(example)
    return [file]


def test_read_catalogue_keeps_the_order_and_equal_titles(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        serialise(movie_id=["9"], title=["Amélie (2001)"]),
        serialise(movie_id=["10"], title=["Twins (1988)"]),
        serialise(movie_id=["2"], title=["Twins (1988)"]),
    )
    catalogue = read_catalogue(files)
    assert catalogue.movie_ids.tolist() == [b"9", b"10", b"2"]
    assert catalogue.titles.tolist() == ["Amélie (2001)".encode(), *[b"Twins (1988)"] * 2]


def test_read_catalogue_has_genres_and_years_as_features(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        serialise(movie_id=["1"], genres=["War", "Drama"], year=[1979]),
        serialise(movie_id=["2"]),
        serialise(movie_id=["3"], genres=["Drama"], year=[1957]),
    )
    genres, year = (read_catalogue(files).feature(name) for name in ("genres", "year"))
    assert genres.vocabulary.tolist() == [b"Drama", b"War"]
    assert genres.rows.to_list() == [[1, 0], [2], [0]]
    assert year.vocabulary.tolist() == [b"1957", b"1979"]
    assert year.rows.to_list() == [[1], [2], [0]]


def test_read_catalogue_takes_a_repeated_movie_once_and_no_title(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        serialise(movie_id=["1"], title=["First"]),
        serialise(movie_id=["1"], title=["Second"]),
        serialise(movie_id=["2"]),
    )
    catalogue = read_catalogue(files)
    assert catalogue.movie_ids.tolist() == [b"1", b"2"]
    assert catalogue.titles.tolist() == [b"First", b""]


def test_read_catalogue_refuses_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no movie in the catalogue"):
        read_catalogue(write(tmp_path))


def test_catalogue_indices_send_unrated_movies_to_the_last() -> None:
    catalogue = Catalogue(
        np.array([b"a", b"b", b"c"], object), np.array([b""] * 3, object), {"genres": [()] * 3}
    )
    assert catalogue.indices_in(np.array([b"c", b"z", b"a"], object)).tolist() == [2, 3, 0]
