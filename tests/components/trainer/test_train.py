from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import tensorflow as tf

from components.errors import ConfigError, DataError
from components.trainer import train as train_module
from components.trainer.config import TrainerConfig, TrainerSettings
from components.trainer.train import train
from tests.components.trainer.synthetic import SEEN, World

USERS = 160
GIVEN = {
    "embedding_dim": 8,
    "epochs": 3,
    "batch_size": 64,
    "precision": "float32",  # auto depends on the processor
    "validation_users": 0.5,
    "validate_every": 2,
}
SETTINGS = TrainerSettings(**GIVEN)


def run(world: World, folder: Path, **settings: object) -> None:
    train(
        settings.get("example_files", world.example_files),
        settings.get("movie_files", world.movie_files),
        world.transform_graph,
        str(folder / "model"),
        str(folder / "run"),
        SETTINGS,
    )


@pytest.fixture(scope="module")
def trained(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    # What an earlier, killed training may have left.
    (folder / "model.writing").mkdir()
    (folder / "model").mkdir()
    (folder / "model" / "old").touch()
    run(world, folder)
    return folder


def test_train_writes_the_model_complete_and_nothing_beside_it(trained: Path) -> None:
    assert {path.name for path in trained.iterdir()} == {"model", "run"}
    names = {path.name for path in (trained / "model").iterdir()}
    assert {"saved_model.pb", "variables", "assets"} <= names
    assert "old" not in names


def test_train_writes_the_history(trained: Path) -> None:
    history = json.loads((trained / "run" / "history.json").read_text())
    # The linear part is as wide as the embeddings.
    assert TrainerConfig(**history["config"]) == TrainerConfig(
        **GIVEN, loss="full_softmax", linear_rank=8
    )
    assert history["plan"]["chosen"] == {
        "query": "history",
        "loss": "full_softmax",
        "linear_rank": 8,
    }
    assert history["plan"]["sentence"] == (
        "chosen for 1,440 interactions, 160 users, 48 movies: query history, loss full_softmax, "
        "linear_rank 8"
    )
    assert history["plan"]["notes"] == []
    assert min(history["plan"]["memory"].values()) > 0
    assert history["data"]["users"] == USERS
    assert history["data"]["interactions"] == USERS * SEEN
    assert history["data"]["movies"] == 48
    assert history["data"]["catalogue"] == 51
    assert set(history["seconds"]) == {"read", "fit", "export"}
    assert [epoch["epoch"] for epoch in history["epochs"]] == [1, 2, 3]
    validated = [e["epoch"] for e in history["epochs"] if "val_unseen_top_100_accuracy" in e]
    assert validated == [2, 3]


def test_train_writes_curves_for_tensorboard(trained: Path) -> None:
    pytest.importorskip("tensorboard")
    tags = set()
    for file in (trained / "run").rglob("events.out.tfevents.*"):
        for event in tf.compat.v1.train.summary_iterator(str(file)):
            tags |= {value.tag for value in event.summary.value}
    assert {"epoch_loss", "epoch_unseen_top_100_accuracy"} <= tags


def test_model_knows_the_histories_with_their_validation_part(trained: Path, world: World) -> None:
    # Half of the users had a part kept for validation; none of it may come back as unseen.
    model = tf.saved_model.load(str(trained / "model"))
    answer = model.signatures["serving_default"](user_id=tf.constant(list(world.train)))
    for listed, seen in zip(answer["movie_id"].numpy(), world.train.values(), strict=True):
        assert not {movie.decode() for movie in listed} & set(seen)


def test_train_on_a_catalogue_that_lacks_rated_movies(world: World, tmp_path: Path) -> None:
    dataset = tf.data.TFRecordDataset(world.movie_files, compression_type="GZIP")
    file = str(tmp_path / "movies.gz")
    with tf.io.TFRecordWriter(file, tf.io.TFRecordOptions(compression_type="GZIP")) as writer:
        for example in dataset.take(5):  # m0-0 … m0-4
            writer.write(example.numpy())
    run(world, tmp_path, movie_files=[file])
    model = tf.saved_model.load(str(tmp_path / "model"))
    listed = model.signatures["serving_raw"](user_id=tf.constant(["u0", "nobody"]))["movie_id"]
    for row in listed.numpy():
        assert sorted(row) == [b"m0-0", b"m0-1", b"m0-2", b"m0-3", b"m0-4"]


def test_train_refuses_an_empty_catalogue(world: World, tmp_path: Path) -> None:
    file = str(tmp_path / "none.gz")
    tf.io.TFRecordWriter(file, tf.io.TFRecordOptions(compression_type="GZIP")).close()
    with pytest.raises(DataError, match=re.escape(file)):
        run(world, tmp_path, movie_files=[file])


def test_train_starts_from_a_model_of_the_same_split_only(
    world: World, trained: Path, tmp_path: Path
) -> None:
    def start(split: str) -> dict:
        history = train(
            world.example_files,
            world.movie_files,
            world.transform_graph,
            str(tmp_path / "model"),
            str(tmp_path / "run"),
            SETTINGS.model_copy(update={"warm_epochs": 1}),
            split=split,
            base_model=str(trained / "model"),
        )
        assert len(history.epochs) == history.config["epochs"]
        return history.start

    assert start("") == {"kind": "warm", "movies": 48, "new_movies": 0, "users": 0}
    other = '{"method": "random", "salt": "other"}'
    assert start(other) == {"kind": "cold", "why": "the live model was trained on another split"}


def test_train_makes_the_training_smaller_where_memory_is_short(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained: Path
) -> None:
    usual = json.loads((trained / "run" / "history.json").read_text())["plan"]["memory"]
    monkeypatch.setattr(train_module, "available_memory", lambda: sum(usual.values()) - 1)
    run(world, tmp_path)
    history = json.loads((tmp_path / "run" / "history.json").read_text())
    assert history["config"]["linear_rank"] == 0
    assert "no linear part: it does not fit the memory" in history["plan"]["notes"]
    assert history["config"]["embedding_dim"] == 8


def test_train_refuses_in_one_line_what_does_not_fit_the_memory(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_module, "available_memory", lambda: 1 << 20)
    with pytest.raises(ConfigError) as refused:
        run(world, tmp_path)
    said = str(refused.value)
    assert said.startswith("trainer: a training on 1,440 interactions, 160 users, 48 movies needs")
    assert "lower trainer.embedding_dim" in said
    assert len(said.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_train_given_in_steps_counts_passes(world: World, tmp_path: Path) -> None:
    settings = TrainerSettings(embedding_dim=4, batch_size=80, steps=5, validate_every=2)
    history = train(
        world.example_files,
        world.movie_files,
        world.transform_graph,
        str(tmp_path / "model"),
        str(tmp_path / "run"),
        settings,
    )
    # 160 users, 80 in a step: a step is half a pass.
    assert [epoch["epoch"] for epoch in history.epochs] == [0.5, 1, 1.5, 2, 2.5]
    validated = [e["epoch"] for e in history.epochs if "val_unseen_top_100_accuracy" in e]
    assert validated == [1, 2, 2.5]
    assert history.config["steps"] == 5
