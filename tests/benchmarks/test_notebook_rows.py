from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.contenders import two_tower
from benchmarks.notebook_rows import FLAW, ROWS, document, eval_batch, train_row
from benchmarks.scoring import accuracy
from benchmarks.split import World
from components.trainer.export.index_model import IndexModel
from components.trainer.export.saved_model import export
from components.trainer.inputs.training_inputs import TrainingInputs, read_training_inputs
from components.trainer.planning.plan import planned_config
from pipeline.config.settings import load_config
from tests.benchmarks.synthetic import make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def training_inputs(world: World) -> TrainingInputs:
    files = world.files("examples", "train"), world.files("movies", "movies")
    return read_training_inputs(*files, world.facts["transform_graph"])


@pytest.mark.parametrize("preset", ["default", "notebook-32"])
def test_row_by_epoch_measures_what_the_exported_model_gives(
    preset: str, world: World, training_inputs: TrainingInputs, tmp_path: Path
) -> None:
    settings = ["trainer.epochs=3", "trainer.batch_size=40", "trainer.validate_every=2"]
    config = planned_config(load_config(preset, assignments=settings).trainer, training_inputs)
    batch, share = eval_batch(training_inputs, world)
    assert share == 1.0  # all movies that were held out are in train too
    model, epochs = train_row(training_inputs, batch, share, config, None)
    assert [("top_100_accuracy" in epoch) for epoch in epochs] == [False, True, True]
    export(IndexModel(model, training_inputs), str(tmp_path / "model"))
    exported = accuracy(two_tower.lists(tmp_path / "model", world), world.split)
    for name, value in exported.items():
        # Of the 480 held-out rows one may be ranked otherwise: float sums in another order.
        assert epochs[-1][name] == pytest.approx(value, abs=2 / 480), name


def test_third_row_goes_on_with_the_towers_of_the_second(
    world: World, training_inputs: TrainingInputs
) -> None:
    batch, share = eval_batch(training_inputs, world)
    still, taught = (
        planned_config(load_config("notebook-64", assignments=changes).trainer, training_inputs)
        for changes in (["trainer.learning_rate=0"], [])
    )
    model, epochs = train_row(training_inputs, batch, share, taught, None)
    again, unchanged = train_row(training_inputs, batch, share, still, model)
    # Without a learning rate the towers, and so the accuracy, stay where the row before left them.
    assert again is model
    assert unchanged[-1]["unseen_top_10_accuracy"] == epochs[-1]["unseen_top_10_accuracy"]


@pytest.mark.parametrize(("ratings", "shown"), [(1_000_209, 3), (1920, 0)])
def test_document_shows_what_the_notebook_printed_on_its_data(ratings: int, shown: int) -> None:
    names = [f"{prefix}top_{k}_accuracy" for prefix in ("", "unseen_") for k in (1, 5, 10, 50, 100)]
    epoch = {"epoch": 1, "loss": 2.0, **dict.fromkeys(names, 0.25)}
    rows = [
        {"title": row.title, "printed": row.printed, "epochs": [epoch], "fit_seconds": 1.0}
        for row in ROWS
    ]
    text = document(
        {"data": "x", "ratings": ratings, "date": "2026-01-01", "machine": {}, "rows": rows}
    )
    assert text.count("as the notebook printed it") == shown
    assert FLAW in text
    assert all(row.title in text for row in ROWS)
