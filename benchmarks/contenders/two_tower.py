"""Ours: trained and exported by components/trainer, evaluated on the exported model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from benchmarks.contenders import Fitted, Options
from benchmarks.scoring import KS, Lists
from benchmarks.split import World

MODEL = "model/Format-Serving"
_BATCH = 512


def fit(world: World, options: Options, assignments: tuple[str, ...] = ()) -> Fitted:
    """Trains with the preset and further settings; exports to the world's folder."""
    from components.trainer.train import train
    from pipeline.config.settings import load_config

    model = world.folder / MODEL
    own = [*options.assignments, *assignments]
    seed = f"trainer.seed={options.seed}"
    history = train(
        world.files("examples", "train"),
        world.files("movies", "movies"),
        world.facts["transform_graph"],
        str(model),
        str(world.folder / "model_run"),
        load_config(options.preset, assignments=[seed, *own]).trainer,
    )
    seconds = dict(history.seconds)
    notes = {
        "read_seconds": seconds["read"],
        "export_seconds": seconds["export"],
        "settings": ", ".join([f"preset {options.preset}", *own]),
    }
    return Fitted(lambda: lists(model, world), seconds["fit"], notes)


def lists(model: Path, world: World, k: int = max(KS)) -> Lists:
    """Asks the exported model, as the Evaluator does, for each user of the eval split."""
    split = world.split
    ask = tf.saved_model.load(str(model)).signatures["serving_examples"]
    examples = tf.data.TFRecordDataset(world.files("examples", "eval"), compression_type="GZIP")
    position = {movie: number for number, movie in enumerate(split.movie_ids.tolist())}
    raw = np.full((split.users, k), -1, dtype=np.int32)
    unseen = raw.copy()
    number = {user: index for index, user in enumerate(split.user_ids.tolist())}
    for batch in examples.batch(_BATCH):
        answer = ask(examples=batch)
        users = [number[user] for user in _users(batch)]
        for target, name in ((raw, "top_movie_id"), (unseen, "unseen_top_movie_id")):
            ids = answer[name].numpy()[:, :k]
            positions = np.vectorize(lambda movie: position.get(movie, -1), otypes=[np.int32])(ids)
            target[users, : positions.shape[1]] = positions
    return Lists(raw[split.asked], unseen[split.asked])


def _users(batch: tf.Tensor) -> list[bytes]:
    spec = {"user_id": tf.io.FixedLenFeature([1], tf.string)}
    return tf.io.parse_example(batch, spec)["user_id"].numpy()[:, 0].tolist()
