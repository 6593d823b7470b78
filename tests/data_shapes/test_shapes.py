"""Every shape is looked at and ingested, all in one process; the right reading is derived here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.contracts.examples import MOVIE_ID, RATING, TIMESTAMP, TITLE, USER_ID, WEIGHT
from components.errors import DataError
from components.example_gen import ingest_ratings
from components.example_gen.config import DataConfig, SplitConfig
from components.example_gen.inspection.inspect import Document, inspect
from components.example_gen.sources.data_files import check_data
from tests.data_shapes.direct import run_directly
from tests.data_shapes.meant import MEANT
from tests.data_shapes.placed import PLACED
from tests.data_shapes.rows import ROWS, Row, Shape, plain
from tests.data_shapes.written import WRITTEN

SHAPES = [*WRITTEN, *PLACED, *MEANT]
SPLITS = ("train", "eval")


def ingest(root: Path, out: Path, settings: dict[str, Any]) -> dict[str, list[bytes]]:
    """Runs ExampleGen's job and returns the records of each split, users and movies."""
    import apache_beam as beam
    import tensorflow as tf
    from apache_beam.options.pipeline_options import PipelineOptions

    options = PipelineOptions(["--direct_running_mode=in_memory"])
    ingest_ratings.ingest_ratings(
        str(root),
        ["*"],
        DataConfig(**settings),
        SplitConfig(),
        str(out / "examples"),
        str(out / "movies"),
        lambda: beam.Pipeline(options=options),
    )
    folders = {split: out / "examples" / f"Split-{split}" for split in SPLITS}
    folders["movies"] = out / "movies" / "Split-movies"
    return {
        split: list(
            tf.data.TFRecordDataset(sorted(map(str, folder.glob("*"))), "GZIP").as_numpy_iterator()
        )
        for split, folder in folders.items()
    }


def features(record: bytes) -> dict[str, list[Any]]:
    """Returns feature → values of a record."""
    import tensorflow as tf

    found = tf.train.Example.FromString(record).features.feature
    return {
        name: [
            value.decode() if isinstance(value, bytes) else value
            for value in getattr(feature, feature.WhichOneof("kind")).value
        ]
        for name, feature in found.items()
        if feature.WhichOneof("kind")
    }


def interactions(records: dict[str, list[bytes]]) -> Iterator[Row]:
    """Yields the interactions of train and eval."""
    for record in (*records["train"], *records["eval"]):
        user = features(record)
        weights = user.get(WEIGHT, [1.0] * len(user[MOVIE_ID]))
        columns = (user[MOVIE_ID], user[RATING], user[TIMESTAMP], weights)
        for movie, rating, time, weight in zip(*columns, strict=True):
            yield Row(user[USER_ID][0], movie, rating, time, weight)


@pytest.fixture
def directly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs the job without Beam, whose start takes longer than all else on small data."""
    monkeypatch.setattr(ingest_ratings, "_run", run_directly)


@pytest.fixture(scope="module")
def plain_records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """The records of the plain shape."""
    root = tmp_path_factory.mktemp("plain")
    plain(root)
    return ingest(root, tmp_path_factory.mktemp("out"), {})


def look(root: Path, settings: dict[str, Any]) -> Document:
    """Inspects a folder; the document must be storable as JSON."""
    config = DataConfig(**settings)
    document = inspect(check_data(str(root), config), str(root), config)
    return json.loads(json.dumps(document, allow_nan=False))


def fact(document: Any, path: str) -> Any:
    """Returns a value of the document by its keys."""
    for key in path.split("."):
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def test_there_are_at_least_seventy_shapes_of_different_names() -> None:
    names = [shape.name for shape in SHAPES]
    assert len(set(names)) == len(names) >= 70


@pytest.mark.usefixtures("directly")
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_shape(shape: Shape, tmp_path: Path, plain_records: dict[str, list[bytes]]) -> None:
    root, out = tmp_path / "data", tmp_path / "out"
    root.mkdir()
    shape.write(root)
    if shape.error:
        message = refusal(root, out, shape.settings)
        assert shape.error in message
        assert "\n" not in message
        return
    document = look(root, shape.settings)
    for path, value in shape.facts.items():
        assert fact(document, path) == value
    if shape.warning:
        assert any(shape.warning in warning for warning in document["warnings"])
    else:
        assert document["warnings"] == []
    records = ingest(root, out, shape.settings)
    expected = sorted(shape.rows)
    found = sorted(interactions(records))
    assert [row[:4] for row in found] == [row[:4] for row in expected]
    assert [row.weight for row in found] == pytest.approx([row.weight for row in expected])
    assert titles(records) == expected_titles(shape)
    if shape.same:
        assert records == plain_records


def refusal(root: Path, out: Path, settings: dict[str, Any]) -> str:
    """Returns why inspection refuses a folder; where it does not, why ingestion does."""
    with pytest.raises(DataError) as raised:  # noqa: PT012  either of the two
        look(root, settings)
        ingest(root, out, settings)
    return str(raised.value)


BY_BEAM = ("gzip", "events with weights", "partitions by year", "line breaks in ids")


@pytest.mark.parametrize("name", BY_BEAM)
def test_beam_writes_the_same_as_the_direct_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shape,) = (shape for shape in SHAPES if shape.name == name)
    (tmp_path / "data").mkdir()
    shape.write(tmp_path / "data")
    by_beam = ingest(tmp_path / "data", tmp_path / "beam", shape.settings)
    monkeypatch.setattr(ingest_ratings, "_run", run_directly)
    assert ingest(tmp_path / "data", tmp_path / "direct", shape.settings) == by_beam


def titles(records: dict[str, list[bytes]]) -> dict[str, str]:
    """Returns movie → title of the catalogue."""
    movies = map(features, records["movies"])
    return {movie[MOVIE_ID][0]: movie[TITLE][0] for movie in movies}


def expected_titles(shape: Shape) -> dict[str, str]:
    """Returns movie → title: the catalogue's, and the id of what it lacks."""
    known = {title.movie: title.title for title in shape.titles or ()}
    return {**{row.movie: row.movie for row in shape.rows}, **known}


def test_the_plain_shape_is_what_was_written(plain_records: dict[str, list[bytes]]) -> None:
    assert sorted(interactions(plain_records)) == sorted(ROWS)
