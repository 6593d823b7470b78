"""Fits a model with Keras and returns its figures by epoch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.fitting.callbacks import Progress, RoundFigures
from components.trainer.fitting.devices import all_workers, check_divisible, distribute
from components.trainer.fitting.optimizers import build_optimizer
from components.trainer.fitting.top_k import TopKEvaluator
from components.trainer.fitting.warm_start import WarmStartSummary, apply_warm_start
from components.trainer.inputs.batches import TrainingData, training_data
from components.trainer.inputs.features import read_features
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.model.learned_weights import LearnedWeights
from components.trainer.model.two_tower import MODELS, TwoTowerModel

# A warm start takes an eighth of a cold start's steps: of ML-1M's 40 passes, 5.
WARM_SHARE = 8


@dataclass(frozen=True)
class Fitted:
    """A trained model.

    Attributes:
        model: The model.
        data: What it was trained and validated on.
        epochs: For each round of TrainingData the passes so far (`epoch`), mean loss, seconds, and
            the `val_` figures where it was validated.
        warm_start: What was taken over from another model; None after a cold start.
        config: The settings that took effect.
    """

    model: TwoTowerModel
    data: TrainingData
    epochs: list[dict[str, float]]
    warm_start: WarmStartSummary | None
    config: TrainerConfig


def fit(
    inputs: TrainingInputs,
    config: TrainerConfig,
    strategy: tf.distribute.Strategy | None = None,
    logs: str | None = None,
    previous: LearnedWeights | None = None,
) -> Fitted:
    """Builds and trains the model of `config`; the same seed gives the same figures.

    Args:
        inputs: The inputs.
        config: Settings.
        strategy: How to distribute; by default the one that is in scope.
        logs: Folder for TensorBoard, if any.
        previous: Weights of another model to start from; epochs and learning rate are then those of
            a warm start. Where the two models differ in shape the training starts cold.
    """
    strategy = strategy or tf.distribute.get_strategy()
    check_divisible(config, strategy)
    tf.keras.utils.set_random_seed(config.seed)
    features = read_features(inputs, config)
    summary = None
    with strategy.scope():
        counts = inputs.summary.movie_counts
        model = MODELS[config.loss](config, inputs.graph.users, counts, features)
        if previous is not None:
            summary = apply_warm_start(model, previous, inputs.graph, inputs.catalogue)
        if summary is not None:
            config = warm_settings(config)
        data = training_data(inputs, config, model.query_tower.batching)
        model.add_linear_part(config, data.rows, is_warm=summary is not None)
        # Metrics are of all replicas already; Keras would add them up once more.
        model.distribute_reduction_method = "first"
        model.compile(optimizer=build_optimizer(config, data.steps))
        # AutoGraph would rewrite the loops of Keras and TFRS: seconds, for nothing.
        model.train_step = tf.autograph.experimental.do_not_convert(model.train_step)
    with all_workers(strategy):
        history = model.fit(
            distribute(data.batches, strategy),
            epochs=data.rounds,
            steps_per_epoch=data.steps_in_round,
            callbacks=_callbacks(inputs, config, data, model, logs),
            verbose=0,
        )
    model.calibrate()
    return Fitted(model, data, _by_round(history.history, config, data), summary, config)


def warm_settings(config: TrainerConfig) -> TrainerConfig:
    """Returns the settings of a training that starts from another model."""
    rate = min(config.warm_learning_rate, config.learning_rate)
    length = {"epochs": config.warm_epochs}
    if config.steps:
        length = {"steps": max(1, config.steps // WARM_SHARE)}
    return config.model_copy(update={**length, "learning_rate": rate})


def _callbacks(
    inputs: TrainingInputs,
    config: TrainerConfig,
    data: TrainingData,
    model: TwoTowerModel,
    logs: str | None,
) -> list[tf.keras.callbacks.Callback]:
    catalogue_index = inputs.catalogue.indices_in(inputs.graph.movie_ids())
    evaluate = TopKEvaluator(data.validation, catalogue_index, model)
    callbacks = [
        RoundFigures(evaluate, config.validate_every, data.rounds),
        Progress(data),
    ]
    # TensorFlow from 2.20 on comes without the package that its summaries need.
    if logs and find_spec("tensorboard"):
        callbacks.append(tf.keras.callbacks.TensorBoard(logs, write_graph=False, profile_batch=0))
    return callbacks


def _by_round(
    logs: dict[str, list[float]], config: TrainerConfig, data: TrainingData
) -> list[dict[str, float]]:
    """Turns Keras's values by name into a dict for each round; `val_` only where validated."""
    every = range(1, data.rounds + 1)
    validated = [
        number for number in every if number % config.validate_every == 0 or number == data.rounds
    ]
    rounds: list[dict[str, float]] = [{"epoch": data.passes_after(number)} for number in every]
    for name, values in logs.items():
        numbers = validated if name.startswith("val_") else every
        for number, value in zip(numbers, values, strict=True):
            rounds[number - 1][name] = float(value)
    return rounds
