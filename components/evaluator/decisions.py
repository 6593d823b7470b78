"""Reads what the Evaluator measured and decided, for the runner and the report."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import tensorflow as tf
import tensorflow_model_analysis as tfma
from google.protobuf import json_format
from tensorflow_model_analysis.proto import config_pb2

from components.evaluator import eval_config
from components.evaluator.config import GateConfig

CHANGE_SUFFIX = "_change"


class GateDecision(NamedTuple):
    """One gate's decision on the model."""

    name: str  # of the metric; with CHANGE_SUFFIX for the difference to the live model
    value: float | None  # None if the metric could not be computed
    threshold: float  # the least value that passes
    passed: bool
    reason: str  # one sentence with the figures

    def as_dict(self) -> dict[str, Any]:
        """Returns the decision as it stands in last_run.json, without the sentence."""
        return {key: value for key, value in self._asdict().items() if key != "reason"}


def read_metrics(evaluation_uri: str) -> dict[str, Any]:
    """Returns the metrics that the Evaluator wrote.

    Args:
        evaluation_uri: folder of the ModelEvaluation artifact.

    Returns:
        «model» and, where there was one, «live»: name → value over all users; «slices»: name of the
        slice («gender=F») → the same for its users. A metric without a finite value is left out.
    """
    names = _model_names(_eval_config(evaluation_uri))
    found: dict[str, dict[str, dict[str, float]]] = {}
    for record in tfma.load_metrics(evaluation_uri):
        values = found.setdefault(_slice_name(record.slice_key), {})
        for item in record.metric_keys_and_values:
            value = item.value.double_value.value
            if not item.key.is_diff and math.isfinite(value):
                values.setdefault(names[item.key.model_name], {})[item.key.name] = value
    overall = found.pop("", {})
    return {
        **{role: overall.get(role, {}) for role in names.values()},
        "slices": dict(sorted(found.items())),
    }


def read_gate(
    evaluation_uri: str, gate: GateConfig | None = None, blessed: bool | None = None
) -> list[GateDecision]:
    """Returns the decisions that TFMA's validation took, one for each gate that was applied.

    Args:
        evaluation_uri: folder of the ModelEvaluation artifact.
        gate: the settings with which the Evaluator should have run, to be compared.
        blessed: whether the Evaluator blessed the model, to be compared with the decisions.

    Returns:
        The decisions; the model was blessed if and only if all passed. Without a live model there
        are none on changes.

    Raises:
        RuntimeError: if figures, validation, blessing and settings contradict one another.
    """
    config = _eval_config(evaluation_uri)
    failed = _failed_keys(evaluation_uri)
    metrics = read_metrics(evaluation_uri)
    decisions = [
        _decide(key.name, threshold, key not in failed and bool(metrics["model"]), metrics)
        for key, threshold in _thresholds(config)
    ]
    _check(decisions, tfma.load_validation_result(evaluation_uri).validation_ok, blessed)
    if gate is not None:
        _check_settings(decisions, gate)
    return sorted(decisions, key=lambda decision: _ORDER.index(decision.name))


_ORDER = [
    *eval_config.FLOOR,
    *eval_config.RATIOS,
    *(name + CHANGE_SUFFIX for name in eval_config.CHANGES),
]


def _eval_config(evaluation_uri: str) -> config_pb2.EvalConfig:
    """Returns the configuration with which the Evaluator ran, model names filled in."""
    with tf.io.gfile.GFile(f"{evaluation_uri}/eval_config.json") as file:
        run = json.load(file)
    return json_format.ParseDict(run["evalConfig"], config_pb2.EvalConfig())


def _model_names(config: config_pb2.EvalConfig) -> dict[str, str]:
    """Returns TFMA's name of each model → «model» or «live»."""
    return {spec.name: "live" if spec.is_baseline else "model" for spec in config.model_specs}


def _slice_name(key: Any) -> str:
    """Returns «feature=value» of a slice; "" for all users."""
    parts = []
    for single in key.single_slice_keys:
        value = getattr(single, single.WhichOneof("kind"))
        parts.append(f"{single.column}={value.decode() if isinstance(value, bytes) else value}")
    return ",".join(parts)


def _thresholds(config: config_pb2.EvalConfig) -> Iterable[tuple[tfma.metrics.MetricKey, Any]]:
    """Yields every threshold of the new model with its key, as TFMA itself reads them."""
    names = _model_names(config)
    thresholds = tfma.metrics.metric_thresholds_from_metrics_specs(
        config.metrics_specs, eval_config=config
    )
    for key, applied in thresholds.items():
        if names[key.model_name] == "model":
            for _, threshold in applied:
                yield key, threshold


def _failed_keys(evaluation_uri: str) -> set[tfma.metrics.MetricKey]:
    """Returns the keys of metrics that TFMA's validation found below a threshold or not at all."""
    validation = tfma.load_validation_result(evaluation_uri)
    return {
        tfma.metrics.MetricKey.from_proto(failure.metric_key)
        for per_slice in validation.metric_validations_per_slice
        for failure in per_slice.failures
    }


def _decide(name: str, threshold: Any, passed: bool, metrics: dict[str, Any]) -> GateDecision:
    """Returns one decision with its figures and its sentence."""
    model, live = metrics["model"], metrics.get("live", {})
    if isinstance(threshold, config_pb2.GenericChangeThreshold):
        bound = threshold.absolute.value
        known = name in model and name in live
        value = model[name] - live[name] if known else None
        reason = _change_reason(name, model.get(name), live.get(name), -bound)
        return GateDecision(name + CHANGE_SUFFIX, value, bound, passed, reason)
    bound = threshold.lower_bound.value
    reason = (_ratio_reason if name in eval_config.RATIOS else _floor_reason)(name, model, bound)
    return GateDecision(name, model.get(name), bound, passed, reason)


def _floor_reason(name: str, model: dict[str, float], floor: float) -> str:
    if name not in model:
        return f"{name} could not be measured: no user has a held-out interaction"
    return f"{name} is {model[name]:.4f}, at least {floor:.4f} is required"


def _ratio_reason(name: str, model: dict[str, float], least: float) -> str:
    if name not in model:
        return f"{name} could not be measured: no user has a held-out interaction"
    prefix = name.removesuffix("popularity_ratio")
    ours, popular = (
        model[prefix + of] for of in ("top_100_accuracy", "popularity_top_100_accuracy")
    )
    return (
        f"{prefix}top_100_accuracy is {ours:.4f}, {model[name]:.3f} times that of the most popular "
        f"movies ({popular:.4f}), at least {least:.3f} times is required"
    )


def _change_reason(name: str, ours: float | None, live: float | None, most: float) -> str:
    if ours is None or live is None:
        return (
            f"{name} could not be compared with the live model: no user has a held-out interaction"
        )
    direction = "below" if ours < live else "above"
    return (
        f"{name} is {ours:.4f}, {abs(ours - live):.4f} {direction} the live model's {live:.4f}, "
        f"at most {most:.4f} below is allowed"
    )


def _check(decisions: list[GateDecision], validated: bool, blessed: bool | None) -> None:
    """Raises RuntimeError where figures, validation and blessing contradict one another."""
    for decision in decisions:
        reached = decision.value is not None and decision.value >= decision.threshold
        if reached != decision.passed:
            raise RuntimeError(
                f"the Evaluator {'passed' if decision.passed else 'refused'} {decision.name} = "
                f"{decision.value} against the threshold {decision.threshold}"
            )
    passed = all(decision.passed for decision in decisions)
    if passed != validated or (blessed is not None and passed != blessed):
        raise RuntimeError(
            f"gates passed: {passed}, TFMA validated: {validated}, Evaluator blessed: {blessed}"
        )


def _check_settings(decisions: list[GateDecision], gate: GateConfig) -> None:
    """Raises RuntimeError where a decision was taken by another threshold than the settings."""
    for decision in decisions:
        expected = -gate.max_drop
        if decision.name in eval_config.FLOOR:
            expected = gate.min_top_100_accuracy
        elif decision.name in eval_config.RATIOS:
            expected = gate.min_popularity_ratio
        if decision.threshold != expected:
            raise RuntimeError(
                f"the Evaluator held {decision.name} against {decision.threshold}, "
                f"the settings say {expected}"
            )
