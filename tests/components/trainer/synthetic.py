"""A small world with planted tastes: who watches one movie of a block watches only that block.

Blocks of 12 movies, 40 users a block; each user has seen 9 of the 12, at random, and would watch
the other 3. A model that has learned the blocks has exactly those 3 at the top of what is unseen;
a model that has not finds 3 among the 42 unseen of 51 movies: by chance 3/42 = .07 of them.

Features tell the block too: a user's age, except that every eighth user has none, and a movie's
genre and year, except that x3 has neither. Gender says nothing of the block; nobody has an
occupation, though the schema has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_transform.beam as tft_beam
from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils

from components.transform.preprocessing import preprocessing_fn

BLOCKS, BLOCK_MOVIES, BLOCK_USERS, SEEN = 4, 12, 40, 9
UNRATED = ("x1", "x2", "x3")

_GZIP = tf.io.TFRecordOptions(compression_type="GZIP")
_SPEC = {
    "user_id": tf.io.FixedLenFeature([1], tf.string),
    "movie_id": tf.io.VarLenFeature(tf.string),
    "seen_movie_id": tf.io.VarLenFeature(tf.string),
    "gender": tf.io.VarLenFeature(tf.string),
    "age": tf.io.VarLenFeature(tf.string),
    "occupation": tf.io.VarLenFeature(tf.string),
    "weight": tf.io.VarLenFeature(tf.float32),
}


@dataclass(frozen=True)
class World:
    """Files as the components before the Trainer write them, and what they hold."""

    folder: Path
    train: dict[str, list[str]]
    held_out: dict[str, list[str]]
    titles: dict[str, str]

    @property
    def example_files(self) -> list[str]:
        return [str(self.folder / "examples" / "Split-train" / "data.gz")]

    @property
    def movie_files(self) -> list[str]:
        return [str(self.folder / "movies" / "Split-movies" / "data.gz")]

    @property
    def transform_graph(self) -> str:
        return str(self.folder / "transform")


def planted_world(folder: Path) -> World:
    rng = np.random.default_rng(0)
    train, held_out = {}, {}
    for user in range(BLOCKS * BLOCK_USERS):
        block = user % BLOCKS
        movies = [f"m{block}-{number}" for number in rng.permutation(BLOCK_MOVIES)]
        train[f"u{user}"], held_out[f"u{user}"] = movies[:SEEN], movies[SEEN:]
    ids = [f"m{block}-{number}" for block in range(BLOCKS) for number in range(BLOCK_MOVIES)]
    titles = {movie: f"Movie {movie} (1999)" for movie in [*ids, *UNRATED]}
    return write_world(folder, train, held_out, titles)


def weighted_world(folder: Path, symmetric: bool = False) -> World:
    """Writes a world in which each user has 6 of 12 movies of two blocks: bought and only viewed.

    Purchases weigh 5, views 1. `held_out` are the other movies of the block that is bought.

    Args:
        folder: Where it goes.
        symmetric: Whether a block is bought with each of the others by as many users as the other
            way round, so that only the weights tell which of the two is bought; else a block is
            viewed by those alone who buy the block before it.
    """
    rng = np.random.default_rng(0)
    train, held_out, weights = {}, {}, {}
    for user in range(BLOCKS * BLOCK_USERS):
        bought = user % BLOCKS
        viewed = (bought + 1 + (user // BLOCKS % (BLOCKS - 1) if symmetric else 0)) % BLOCKS
        of = {
            block: [f"m{block}-{number}" for number in rng.permutation(BLOCK_MOVIES)]
            for block in (bought, viewed)
        }
        half = BLOCK_MOVIES // 2
        order = rng.permutation(2 * half)
        movies, weight = [*of[bought][:half], *of[viewed][:half]], [5.0] * half + [1.0] * half
        train[f"u{user}"] = [movies[position] for position in order]
        weights[f"u{user}"] = [weight[position] for position in order]
        held_out[f"u{user}"] = of[bought][half:]
    ids = [f"m{block}-{number}" for block in range(BLOCKS) for number in range(BLOCK_MOVIES)]
    titles = {movie: f"Movie {movie} (1999)" for movie in [*ids, *UNRATED]}
    return write_world(folder, train, held_out, titles, weights)


def write_world(
    folder: Path,
    train: dict[str, list[str]],
    held_out: dict[str, list[str]],
    titles: dict[str, str],
    weights: dict[str, list[float]] | None = None,
) -> World:
    """Writes a world; `weights` are those of the train movies of the users that have any."""
    world = World(folder, train, held_out, titles)
    for file in (*world.example_files, *world.movie_files):
        Path(file).parent.mkdir(parents=True)
    rows = [
        {"user_id": [user], "movie_id": movies, **user_features(user)}
        for user, movies in train.items()
    ]
    for row, user in zip(rows, train, strict=True):
        row.update({"weight": weights[user]} if weights and user in weights else {})
    with tf.io.TFRecordWriter(world.example_files[0], _GZIP) as writer:
        for row in rows:
            writer.write(serialise(**row))
    with tf.io.TFRecordWriter(world.movie_files[0], _GZIP) as writer:
        for movie, title in titles.items():
            features = movie_features(movie)
            writer.write(serialise(movie_id=[movie], title=[title], **features))
    _write_transform(rows, folder)
    return world


def user_features(user: str) -> dict[str, list[str]]:
    number = int("".join(filter(str.isdigit, user)) or 0)
    gender = {"gender": ["FM"[number // BLOCKS % 2]]}
    return gender if number % 8 == 7 else {**gender, "age": [f"age {number % BLOCKS}"]}


def movie_features(movie: str) -> dict[str, list]:
    if movie == "x3":
        return {}
    block = int(movie[1]) % BLOCKS
    return {"genres": ["Drama", f"Genre {block}"], "year": [1990 + block]}


def _write_transform(rows: list[dict[str, list[str]]], folder: Path) -> None:
    metadata = dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(_SPEC))
    full = [{name: row.get(name, []) for name in _SPEC} for row in rows]
    with tft_beam.Context(temp_dir=str(folder / "tmp")):
        transform_fn = (full, metadata) | tft_beam.AnalyzeDataset(preprocessing_fn)
        transform_fn | tft_beam.WriteTransformFn(str(folder / "transform"))


def user_example(user: str, movies: list[str], seen: list[str] | None = None) -> bytes:
    features = {"user_id": [user], "movie_id": movies}
    if seen is not None:
        features["seen_movie_id"] = seen
    return serialise(**features)


def serialise(**features: list) -> bytes:
    feature = {name: _feature(values) for name, values in features.items()}
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


def _feature(values: list) -> tf.train.Feature:
    if values and isinstance(values[0], int):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    if values and isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    encoded = [value.encode() for value in values]
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=encoded))
