"""The planted world of the Trainer's tests as a world of the benchmarks."""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow as tf

from benchmarks.prepare import read_split
from benchmarks.split import World
from tests.components.trainer import synthetic as planted


def make_world(folder: Path) -> World:
    """Three more movies of the user's block are held out for each user."""
    created = planted.planted_world(folder)
    path = folder / "examples" / "Split-eval" / "data.gz"
    path.parent.mkdir(parents=True)
    options = tf.io.TFRecordOptions(compression_type="GZIP")
    with tf.io.TFRecordWriter(str(path), options) as writer:
        for user, movies in created.held_out.items():
            writer.write(planted.user_example(user, movies, seen=created.train[user]))
    read_split(folder / "examples", folder / "movies").save(folder / "split.npz")
    facts = {
        "name": "planted",
        "data": {"ratings": 1920},  # 160 users, 12 movies each
        "examples": str(folder / "examples"),
        "movies": str(folder / "movies"),
        "transform_graph": created.transform_graph,
    }
    (folder / "world.json").write_text(json.dumps(facts))
    return World.open(folder)
