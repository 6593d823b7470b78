"""Fits a model: what Keras is given, and what comes out by epoch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.fitting.callbacks import EpochFigures, Progress
from components.trainer.fitting.optimizers import build_optimizer
from components.trainer.fitting.top_k import TopKEvaluator
from components.trainer.fitting.warm_start import CarriedOver, carry_over
from components.trainer.inputs.batches import TrainingData, training_data
from components.trainer.inputs.features import read_features
from components.trainer.inputs.training_inputs import Source
from components.trainer.model.learned_weights import Learned
from components.trainer.model.two_tower import TwoTowerModel, build_model


@dataclass(frozen=True)
class Fitted:
    """A trained model.

    Attributes:
        model: The model.
        data: What it was trained and validated on.
        epochs: For each epoch its number from 1, mean loss, seconds, and the `val_` figures where
            it was validated.
        carried: What was taken over from another model; None after a cold start.
        config: The settings that took effect.
    """

    model: TwoTowerModel
    data: TrainingData
    epochs: list[dict[str, float]]
    carried: CarriedOver | None
    config: TrainerConfig


def fit(
    source: Source,
    config: TrainerConfig,
    strategy: tf.distribute.Strategy | None = None,
    logs: str | None = None,
    learned: Learned | None = None,
) -> Fitted:
    """Builds and trains the model of `config`; the same seed gives the same figures.

    Args:
        source: The inputs.
        config: Settings.
        strategy: How to distribute; by default the one that is in scope.
        logs: Folder for TensorBoard, if any.
        learned: What another model learned, to start from; its epochs and learning rate are then
            those of a warm start. A model of another shape is started cold.
    """
    if learned is not None:
        fitted = _fit(source, warm_settings(config), strategy, logs, learned)
        if fitted is not None:
            return fitted
    cold = _fit(source, config, strategy, logs, None)
    assert cold is not None
    return cold


def warm_settings(config: TrainerConfig) -> TrainerConfig:
    """Returns the settings of a training that starts from another model."""
    rate = min(config.warm_learning_rate, config.learning_rate)
    return config.model_copy(update={"epochs": config.warm_epochs, "learning_rate": rate})


def _fit(
    source: Source,
    config: TrainerConfig,
    strategy: tf.distribute.Strategy | None,
    logs: str | None,
    learned: Learned | None,
) -> Fitted | None:
    """Builds and trains; None where there is something to start from and it does not fit."""
    tf.keras.utils.set_random_seed(config.seed)
    data = training_data(source, config)
    features = read_features(source, config)
    carried = None
    with (strategy or tf.distribute.get_strategy()).scope():
        model = build_model(
            config, source.graph.users, source.summary.movie_counts, data.rows, features
        )
        if learned is not None:
            one = {"user_index": data.rows.user_index[:1], "history": data.rows.movies[:1]}
            model.scores(one)  # dense layers have their weights from the first call on
            carried = carry_over(model, learned, source.graph, source.catalogue)
            if carried is None:
                return None
        model.compile(optimizer=build_optimizer(config, data.steps_per_epoch * config.epochs))
        # AutoGraph would rewrite the loops of Keras and TFRS: seconds, for nothing.
        model.train_step = tf.autograph.experimental.do_not_convert(model.train_step)
    history = model.fit(
        data.batches,
        epochs=config.epochs,
        steps_per_epoch=data.steps_per_epoch,
        callbacks=_callbacks(source, config, data, model, logs),
        verbose=0,
    )
    return Fitted(model, data, _by_epoch(history.history, config), carried, config)


def _callbacks(
    source: Source,
    config: TrainerConfig,
    data: TrainingData,
    model: TwoTowerModel,
    logs: str | None,
) -> list[tf.keras.callbacks.Callback]:
    catalogue_index = source.catalogue.indices_in(source.graph.movie_ids())
    evaluate = TopKEvaluator(data.validation, catalogue_index, model)
    callbacks = [
        EpochFigures(evaluate, config.validate_every, config.epochs),
        Progress(data.steps_per_epoch, config.epochs),
    ]
    # TensorFlow from 2.20 on comes without the package that its summaries need.
    if logs and find_spec("tensorboard"):
        callbacks.append(tf.keras.callbacks.TensorBoard(logs, write_graph=False, profile_batch=0))
    return callbacks


def _by_epoch(logs: dict[str, list[float]], config: TrainerConfig) -> list[dict[str, float]]:
    """Turns Keras's name → values into a dict for each epoch, validations where they were."""
    every = range(1, config.epochs + 1)
    validated = [
        epoch for epoch in every if epoch % config.validate_every == 0 or epoch == config.epochs
    ]
    epochs: list[dict[str, float]] = [{"epoch": epoch} for epoch in every]
    for name, values in logs.items():
        places = validated if name.startswith("val_") else every
        for epoch, value in zip(places, values, strict=True):
            epochs[epoch - 1][name] = float(value)
    return epochs
