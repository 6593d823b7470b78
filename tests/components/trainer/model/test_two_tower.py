from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_recommenders as tfrs

from components.trainer.config import TrainerConfig
from components.trainer.inputs.user_rows import UserRows
from components.trainer.model import two_tower
from components.trainer.model.losses.full_softmax import FullSoftmax
from components.trainer.model.two_tower import MODELS, TwoTowerModel

COUNTS = np.array([6, 3, 2, 1, 0])
BATCHES = [
    {
        "user_index": tf.constant([0, 1, 2]),
        "history": tf.ragged.constant([[0, 1], [2], []], dtype=tf.int32),
        "targets": tf.ragged.constant([[2], [0, 1], [3]], dtype=tf.int32),
    },
    {
        "user_index": tf.constant([3, 0]),
        "history": tf.ragged.constant([[3, 2, 1], [1]], dtype=tf.int32),
        "targets": tf.ragged.constant([[0], [0, 2]], dtype=tf.int32),
    },
]
ROWS = UserRows(
    tf.range(4), tf.ragged.constant([[0, 1, 2], [2, 0, 1], [3, 0], [3, 2, 1, 0]], dtype=tf.int32)
)
VARIANTS = [
    {"query": query, "loss": loss, "dropout": dropout}
    for query in ("history", "user_id")
    for loss in ("full_softmax", "in_batch")
    for dropout in (0.0, 0.5)
    if query == "history" or dropout == 0.0
]


def make_model(**settings: object) -> TwoTowerModel:
    tf.keras.utils.set_random_seed(3)
    config = TrainerConfig(**{"embedding_dim": 4, "seed": 3, "linear_rank": 0, **settings})
    model = MODELS[config.loss](config, 4, COUNTS)
    model.add_linear_part(config, ROWS)
    return model


def parts(model: TwoTowerModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the scores of BATCHES[0] without penalty, the penalty, and the histories."""
    history = np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]])
    query = model.query_tower(BATCHES[0]).numpy()
    scores = query @ model.candidate_tower.all_movies().numpy().T
    penalty = 0.0 if model.seen_penalty is None else model.seen_penalty.penalty.numpy()
    return scores, history * penalty, history


def log_softmax(scores: np.ndarray) -> np.ndarray:
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("query", ["history", "user_id"])
def test_full_softmax_model_loss_follows_the_formula(query: str) -> None:
    model = make_model(query=query, label_smoothing=0.0)
    scores, penalty, _ = parts(model)
    assert (penalty == 8.0).sum() == (3 if query == "history" else 0)
    logs = log_softmax(scores - penalty)
    expected = -(logs[0, 2] + logs[1, 0] + logs[1, 1] + logs[2, 3]) / 4
    np.testing.assert_allclose(model.compute_loss(BATCHES[0]), expected, rtol=1e-5)


@pytest.mark.parametrize("query", ["history", "user_id"])
@pytest.mark.parametrize("logq", [True, False])
def test_in_batch_model_loss_follows_the_formula(query: str, logq: bool) -> None:
    model = make_model(query=query, loss="in_batch", logq=logq, temperature=0.5)
    scores, _, _ = parts(model)
    # Pairs (row, movie) of the batch; every pair's movie is a candidate of every other.
    rows, movies = [0, 1, 1, 2], [2, 0, 1, 3]
    correction = np.log(COUNTS[movies] / 12) if logq else 0.0
    logs = log_softmax(scores[rows][:, movies] / 0.5 - correction)
    expected = -np.trace(logs)
    np.testing.assert_allclose(model.compute_loss(BATCHES[0]), expected, rtol=1e-5)


WEIGHTS = tf.ragged.constant([[2.0], [0.5, 1.0], [3.0]])


@pytest.mark.parametrize("query", ["history", "user_id"])
def test_in_batch_model_multiplies_each_pair_by_its_weight(query: str) -> None:
    model = make_model(query=query, loss="in_batch", logq=False)
    scores, _, _ = parts(model)
    rows, movies = [0, 1, 1, 2], [2, 0, 1, 3]
    logs = log_softmax(scores[rows][:, movies])
    # A pair of weight 2 counts as two; the candidates are those of the batch without weights.
    expected = -np.diag(logs) @ [2.0, 0.5, 1.0, 3.0]
    loss = model.compute_loss({**BATCHES[0], "target_weights": WEIGHTS})
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


@pytest.mark.parametrize("query", ["history", "user_id"])
def test_full_softmax_model_multiplies_each_target_by_its_weight(query: str) -> None:
    model = make_model(query=query, label_smoothing=0.0)
    scores, penalty, _ = parts(model)
    logs = log_softmax(scores - penalty)
    expected = -(2 * logs[0, 2] + 0.5 * logs[1, 0] + logs[1, 1] + 3 * logs[2, 3]) / 6.5
    loss = model.compute_loss({**BATCHES[0], "target_weights": WEIGHTS})
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_in_batch_model_removes_accidental_hits() -> None:
    batch = {
        "user_index": tf.constant([0, 1]),
        "history": tf.ragged.constant([[0], [1]], dtype=tf.int32),
        "targets": tf.ragged.constant([[2], [2]], dtype=tf.int32),
    }
    # The only negative is the positive itself: with it hidden nothing is left to lose.
    hidden = make_model(loss="in_batch", remove_accidental_hits=True).compute_loss(batch)
    shown = make_model(loss="in_batch", remove_accidental_hits=False).compute_loss(batch)
    np.testing.assert_allclose(hidden, 0.0, atol=1e-5)
    np.testing.assert_allclose(shown, 2 * np.log(2), rtol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_compute_loss_gives_the_losses_of_the_loop_written_out(variant: dict) -> None:
    ours, plain = make_model(**variant), make_model(**variant)

    class PlainLoop(tf.keras.Model):
        """The same towers, with Keras's train_step and test_step written out."""

        def train_step(self, batch: dict) -> dict:
            with tf.GradientTape() as tape:
                loss = plain.compute_loss(batch, training=True)
            weights = plain.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            return {"loss": loss}

        def test_step(self, batch: dict) -> dict:
            return {"loss": plain.compute_loss(batch, training=False)}

    loop = PlainLoop()
    for model in (ours, loop):
        model.compile(optimizer=tf.keras.optimizers.Adagrad(0.1))
    tf.keras.utils.set_random_seed(3)
    ours_losses = _losses(ours)
    tf.keras.utils.set_random_seed(3)
    loop_losses = _losses(loop)
    np.testing.assert_allclose(ours_losses, loop_losses, rtol=1e-6)
    # The loop learns: the last test loss of a batch is below its first.
    assert ours_losses[-1] < ours_losses[3]


def _losses(model: tf.keras.Model) -> list[float]:
    """Returns the losses of a training step and a test step on each batch in turn, 4 times."""
    return [
        float(step(batch)["loss"])
        for batch in BATCHES * 4
        for step in (model.train_step, model.test_step)
    ]


@pytest.mark.parametrize("loss", ["full_softmax", "in_batch"])
@pytest.mark.parametrize("query", ["history", "user_id"])
def test_models_are_tfrs_models_that_define_a_loss_and_no_loop(query: str, loss: str) -> None:
    model = make_model(query=query, loss=loss)
    assert isinstance(model, tfrs.Model)
    assert type(model).train_step is tfrs.Model.train_step
    assert type(model).test_step is tfrs.Model.test_step
    assert isinstance(model.task, FullSoftmax if loss == "full_softmax" else tfrs.tasks.Retrieval)
    assert isinstance(model.task, tfrs.tasks.Task)


@pytest.mark.parametrize(
    ("settings", "bias", "penalty"),
    [
        ({}, True, True),
        ({"item_bias": False}, False, True),
        ({"seen_penalty": 0.0}, True, False),
        ({"query": "user_id"}, True, False),
        ({"loss": "in_batch"}, False, False),
    ],
)
def test_build_model_has_the_parts_that_apply(settings: dict, bias: bool, penalty: bool) -> None:
    model = make_model(**settings)
    assert (model.candidate_tower.bias is not None) is bias
    assert (model.seen_penalty is not None) is penalty


@pytest.mark.parametrize("loss", ["full_softmax", "in_batch"])
def test_linear_part_adds_to_served_scores_and_not_to_the_loss(loss: str) -> None:
    plain, linear = make_model(loss=loss), make_model(loss=loss, linear_rank=2)
    for model in (plain, linear):
        assert float(model.compute_loss(BATCHES[0])) == float(plain.compute_loss(BATCHES[0]))
    table = linear.linear_part.table.numpy()
    history = np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]])
    difference = linear.scores(BATCHES[0]) - plain.scores(BATCHES[0])
    np.testing.assert_allclose(difference, history @ table @ table.T, atol=1e-5)
    assert np.abs(difference).max() > 0.01


@pytest.mark.parametrize(
    "settings", [{"linear_rank": 0}, {"query": "user_id"}, {"learning_rate": 0.0}]
)
def test_build_model_has_no_linear_part_where_it_does_not_apply(settings: dict) -> None:
    assert make_model(**{"linear_rank": 2, **settings}).linear_part is None


def test_build_model_hidden_layers_are_trained() -> None:
    shallow, deep = make_model(), make_model(hidden_layers=(8,))
    for model in (shallow, deep):
        model.compute_loss(BATCHES[0])
    # A kernel and a bias for the hidden layer and the layer to the output, in both towers.
    assert len(deep.trainable_variables) == len(shallow.trainable_variables) + 8


def test_model_loss_runs_under_a_distribution_strategy() -> None:
    with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
        model = make_model()
        model.compile(optimizer=tf.keras.optimizers.SGD(0.1))
    expected = float(make_model(dropout=0.0).compute_loss(BATCHES[0]))
    loss = model.evaluate(tf.data.Dataset.from_tensors(BATCHES[0]), verbose=0, return_dict=True)
    np.testing.assert_allclose(loss["loss"], expected, rtol=1e-5)


def test_every_loss_setting_has_a_model() -> None:
    assert set(MODELS) == set(get_args(TrainerConfig.model_fields["loss"].annotation))


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("seen_penalty", [0.0, 8.0])
def test_queries_in_blocks_have_the_loss_and_gradients_of_all_together(
    batch: dict[str, tf.Tensor], seen_penalty: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for queries in (2048, 1):
        monkeypatch.setattr(two_tower, "QUERIES_OF_BLOCK", queries)
        model = make_model(batch_size=3, seen_penalty=seen_penalty)
        with tf.GradientTape() as tape:
            loss = model.compute_loss(batch)
        gradients = tape.gradient(loss, model.trainable_variables)
        found.append([loss, *(tf.convert_to_tensor(gradient) for gradient in gradients)])
    for whole, in_blocks in zip(*found, strict=True):
        np.testing.assert_allclose(in_blocks, whole, rtol=1e-4, atol=1e-6)
