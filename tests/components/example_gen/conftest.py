"""Small data sets in every layout, and ExampleGen's job on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

MOVIES = ("1::Red Kite (1999)::Comedy|Drama", "2::Café Noon (2001)::Drama", "3::Old Map::Western")
USERS = ("1::F::1::10::48067", "2::M::56::16::70072")


class Rows:
    """The movie and user rows that `write_1m` writes unless told otherwise."""

    MOVIES = MOVIES
    USERS = USERS


@pytest.fixture
def example_gen_rows() -> type[Rows]:
    """Rows of the small data set."""
    return Rows


@pytest.fixture
def write_1m(tmp_path: Path) -> Callable[..., Path]:
    """Writes a data set in the layout of ML-1M: rating rows, movie rows, user rows."""

    def write(
        ratings: list[str],
        movies: tuple[str, ...] = MOVIES,
        users: tuple[str, ...] | None = USERS,
        folder: str = "data",
    ) -> Path:
        root = tmp_path / folder
        root.mkdir(parents=True, exist_ok=True)
        (root / "ratings.dat").write_text("".join(row + "\n" for row in ratings), "iso-8859-1")
        (root / "movies.dat").write_text("".join(row + "\n" for row in movies), "iso-8859-1")
        if users is not None:
            (root / "users.dat").write_text("".join(row + "\n" for row in users), "iso-8859-1")
        return root

    return write


@dataclass(frozen=True)
class Output:
    """What ExampleGen wrote."""

    examples: Path
    movies: Path

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads((self.examples / "summary.json").read_text())

    def records(self, split: str) -> list[bytes]:
        """Returns the serialised Examples of a split, in the order of its files."""
        import tensorflow as tf

        folder = (self.movies if split == "movies" else self.examples) / f"Split-{split}"
        paths = sorted(str(path) for path in folder.glob("*"))
        return list(tf.data.TFRecordDataset(paths, "GZIP").as_numpy_iterator()) if paths else []

    def rows(self, split: str) -> list[dict[str, list[Any]]]:
        """Returns the Examples of a split as feature → values."""
        import tensorflow as tf

        return [as_dict(tf.train.Example.FromString(record)) for record in self.records(split)]


def as_dict(example: Any) -> dict[str, list[Any]]:
    """Returns feature → values of a tf.Example."""
    features = example.features.feature
    return {
        name: list(getattr(feature, feature.WhichOneof("kind")).value)
        for name, feature in features.items()
    }


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Output]:
    """Runs ExampleGen's job in memory on a folder."""
    import apache_beam as beam

    from components.example_gen.config import DataConfig, SplitConfig
    from components.example_gen.ingest_ratings import ingest_ratings

    def ingest(
        root: Path,
        data: dict[str, Any] | None = None,
        split: dict[str, Any] | None = None,
        patterns: tuple[str, ...] = ("*",),
        name: str = "out",
    ) -> Output:
        output = Output(tmp_path / name / "examples", tmp_path / name / "movies")
        ingest_ratings(
            root=str(root),
            patterns=list(patterns),
            data=DataConfig(**(data or {})),
            split=SplitConfig(**(split or {})),
            examples_uri=str(output.examples),
            movies_uri=str(output.movies),
            make_pipeline=lambda: beam.Pipeline(argv=["--direct_running_mode=in_memory"]),
        )
        return output

    return ingest
