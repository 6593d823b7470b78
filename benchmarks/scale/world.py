"""The split that a run made, as a world of the benchmarks, with a sample of the users of eval.

    python -m benchmarks.scale.world --output RUN --work DIR --users 20000

What `benchmarks.prepare` does for a run that has been: nothing is read or transformed again, and an
interaction takes no more than the bytes of its numbers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from benchmarks.scale.whole_run import artifact, trained_model
from benchmarks.split import Split
from components.contracts.example_readers import BATCH, parsed_batches, records
from components.contracts.examples import MOVIE_ID, USER_ID
from components.tensorflow_settings import prepare_tensorflow

_ONE_ID = tf.io.FixedLenFeature([], tf.string)
_SALT = b"bench-scale:"


def sampled(user_ids: np.ndarray, users: int) -> np.ndarray:
    """Returns the users with the smallest hashes of their ids, as positions, ascending.

    Args:
        user_ids: bytes [n].
        users: How many; all where there are fewer.
    """
    hashes = [hashlib.md5(_SALT + user).digest() for user in user_ids.tolist()]
    smallest = sorted(range(len(hashes)), key=hashes.__getitem__)[:users]
    return np.array(sorted(smallest), dtype=np.int64)


def read_split(examples: Path, movies: Path, users: int) -> Split:
    """Reads a run's Examples into arrays; of eval, the rows of a sample of its users.

    Args:
        examples: Folder with Split-train and Split-eval.
        movies: Folder with Split-movies.
        users: Users of the sample.
    """
    movie_ids = np.concatenate(
        [batch[MOVIE_ID].numpy() for batch in parsed_batches(_files(movies, "movies"), _MOVIE)]
    )
    places = tf.range(len(movie_ids), dtype=tf.int64)
    initializer = tf.lookup.KeyValueTensorInitializer(tf.constant(movie_ids), places)
    table = tf.lookup.StaticHashTable(initializer, -1)
    parts = {name: _columns(_files(examples, name), table) for name in ("train", "eval")}
    user_ids = np.unique(np.concatenate([part[0] for part in parts.values()]).astype(bytes))
    train, held_out = (_pairs(parts[name], user_ids) for name in ("train", "eval"))
    with_eval = np.unique(held_out[0])
    asked = with_eval[sampled(user_ids[with_eval], users)]
    keep = np.isin(held_out[0], asked)
    return Split(user_ids, movie_ids.astype(bytes), *train, held_out[0][keep], held_out[1][keep])


_MOVIE = {MOVIE_ID: _ONE_ID}
_USER = {USER_ID: _ONE_ID, MOVIE_ID: tf.io.RaggedFeature(tf.string, row_splits_dtype=tf.int64)}


def _columns(
    files: list[str], table: tf.lookup.StaticHashTable
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns user ids [users], their numbers of movies [users], places of the movies [rows]."""
    users, lengths, movies = [], [], []
    for batch in parsed_batches(files, _USER):
        users.append(batch[USER_ID].numpy())
        lengths.append(batch[MOVIE_ID].row_lengths().numpy())
        places = table.lookup(batch[MOVIE_ID].flat_values)
        movies.append(tf.cast(places, tf.int32).numpy())
    return np.concatenate(users), np.concatenate(lengths), np.concatenate(movies)


def _pairs(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray], user_ids: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns user and movie of each row, by user, each user's in time order; int32 [rows] each."""
    users, lengths, movie = columns
    user = np.repeat(np.searchsorted(user_ids, users.astype(bytes)).astype(np.int32), lengths)
    order = np.argsort(user, kind="stable")
    return user[order], movie[order]


def write_examples(examples: Path, user_ids: Sequence[bytes], folder: Path) -> None:
    """Writes the eval Examples of some users, beside a link to those of train.

    Args:
        examples: Folder with Split-train and Split-eval.
        user_ids: The users.
        folder: Where to.
    """
    wanted, target = set(user_ids), folder / "Split-eval"
    target.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(target / "sample.gz"), "GZIP") as writer:
        for batch in records(_files(examples, "eval")).batch(BATCH):
            users = tf.io.parse_example(batch, {USER_ID: _ONE_ID})[USER_ID].numpy()
            for user, example in zip(users, batch.numpy(), strict=True):
                if user in wanted:
                    writer.write(example)
    link = folder / "Split-train"
    link.unlink(missing_ok=True)
    link.symlink_to(examples / "Split-train")


def _files(folder: Path, split: str) -> list[str]:
    return sorted(str(path) for path in (folder / f"Split-{split}").glob("*.gz"))


def main(argv: Sequence[str] | None = None) -> int:
    """Makes the world and prints its sizes as JSON; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True, help="output root of the run")
    parser.add_argument("--work", type=Path, required=True, help="folder of the world")
    parser.add_argument("--users", type=int, required=True, help="users of eval to keep")
    arguments = parser.parse_args(argv)
    prepare_tensorflow()
    output, work = arguments.output.absolute(), arguments.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    examples = artifact(output, "ExampleGen", "examples")
    movies = artifact(output, "ExampleGen", "movies")
    split = read_split(examples, movies, arguments.users)
    split.save(work / "split.npz")
    write_examples(examples, split.user_ids[split.asked].tolist(), work / "examples")
    facts = {
        "name": work.name,
        "data": json.loads((examples / "summary.json").read_text(encoding="utf-8")),
        "examples": str(work / "examples"),
        "movies": str(movies),
        "transform_graph": str(artifact(output, "Transform", "transform_graph")),
        "model": str(trained_model(output)),
    }
    (work / "world.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")
    sizes = {"train": len(split.train_user), "asked": len(split.asked)}
    print(json.dumps({**sizes, "asked_ratings": len(split.eval_user)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
