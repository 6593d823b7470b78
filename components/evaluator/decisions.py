"""Reads what TFMA measured and decided."""

from __future__ import annotations

import json
import math
from typing import Any

import tensorflow as tf
import tensorflow_model_analysis as tfma
from google.protobuf import json_format
from tensorflow_model_analysis.proto import config_pb2

from components.evaluator.gates import GATES
from components.evaluator.result import EvaluationResult, GateDecision

Metrics = dict[str, dict[str, float]]


def read_result(evaluation_uri: str, blessed: bool, users_of_eval: int = 0) -> EvaluationResult:
    """Returns the figures and decisions of an evaluation.

    Args:
        evaluation_uri: Folder of the ModelEvaluation artifact.
        blessed: Whether the Evaluator blessed the model.
        users_of_eval: As EvaluationResult has it.

    Raises:
        RuntimeError: Figures, validation and blessing contradict one another.
    """
    by_slice = read_metrics(evaluation_uri)
    overall = by_slice.pop("", {})
    model, live = overall.get("model", {}), overall.get("live", {})
    decisions = read_decisions(evaluation_uri, model, live)
    check(decisions, tfma.load_validation_result(evaluation_uri).validation_ok, blessed)
    return EvaluationResult(model, live, decisions, dict(sorted(by_slice.items())), users_of_eval)


def read_metrics(evaluation_uri: str) -> dict[str, Metrics]:
    """Returns the metrics that the Evaluator wrote.

    Args:
        evaluation_uri: Folder of the ModelEvaluation artifact.

    Returns:
        By name of the slice («gender=F», "" for all users): «model» and, where there was one,
        «live»: name → value. A metric without a finite value is left out.
    """
    roles = _roles(_eval_config(evaluation_uri))
    by_slice: dict[str, Metrics] = {}
    for record in tfma.load_metrics(evaluation_uri):
        metrics = by_slice.setdefault(_slice_name(record.slice_key), {})
        for item in record.metric_keys_and_values:
            value = item.value.double_value.value
            if not item.key.is_diff and math.isfinite(value):
                metrics.setdefault(roles[item.key.model_name], {})[item.key.name] = value
    return by_slice


def read_decisions(
    evaluation_uri: str, model: dict[str, float], live: dict[str, float]
) -> list[GateDecision]:
    """Returns the decisions of TFMA's validation, one for each gate that was applied.

    Without a live model there are none on changes.

    Args:
        evaluation_uri: Folder of the ModelEvaluation artifact.
        model: Figures of the model over all users.
        live: Figures of the live model over all users.
    """
    applied = _applied_thresholds(_eval_config(evaluation_uri))
    failed = _failed_keys(evaluation_uri)
    decisions = []
    for gate in GATES:
        if (gate.metric, gate.compares_with_live) not in applied:
            continue
        key, least = applied[gate.metric, gate.compares_with_live]
        decision = GateDecision(
            name=gate.name(gate.k(model)),
            k=gate.k(model),
            value=gate.value(model, live),
            threshold=least,
            passed=key not in failed and bool(model),
            reason=gate.sentence(model, live, least),
        )
        decisions.append(decision)
    return decisions


def check(decisions: list[GateDecision], validated: bool, blessed: bool) -> None:
    """Checks that figures, validation and blessing agree.

    Raises:
        RuntimeError: They do not.
    """
    for decision in decisions:
        reached = decision.value is not None and decision.value >= decision.threshold
        if reached != decision.passed:
            raise RuntimeError(
                f"the Evaluator {'passed' if decision.passed else 'refused'} {decision.name} = "
                f"{decision.value} against the threshold {decision.threshold}"
            )
    passed = all(decision.passed for decision in decisions)
    if not passed == validated == blessed:
        raise RuntimeError(
            f"gates passed: {passed}, TFMA validated: {validated}, Evaluator blessed: {blessed}"
        )


def _eval_config(evaluation_uri: str) -> config_pb2.EvalConfig:
    """Returns the configuration with which the Evaluator ran, model names filled in."""
    with tf.io.gfile.GFile(f"{evaluation_uri}/eval_config.json") as file:
        run = json.load(file)
    return json_format.ParseDict(run["evalConfig"], config_pb2.EvalConfig())


def _roles(config: config_pb2.EvalConfig) -> dict[str, str]:
    """Returns TFMA's name of each model → «model» or «live»."""
    return {spec.name: "live" if spec.is_baseline else "model" for spec in config.model_specs}


def _slice_name(key: Any) -> str:
    """Returns «feature=value» of a slice; "" for all users."""
    parts = []
    for single in key.single_slice_keys:
        value = getattr(single, single.WhichOneof("kind"))
        parts.append(f"{single.column}={value.decode() if isinstance(value, bytes) else value}")
    return ",".join(parts)


def _applied_thresholds(
    config: config_pb2.EvalConfig,
) -> dict[tuple[str, bool], tuple[tfma.metrics.MetricKey, float]]:
    """Returns the thresholds of the new model as TFMA itself reads them.

    Returns:
        (metric, whether it is on the change) → TFMA's key of the metric and the least value.
    """
    roles = _roles(config)
    thresholds = tfma.metrics.metric_thresholds_from_metrics_specs(
        config.metrics_specs, eval_config=config
    )
    return {
        (key.name, key.is_diff): (
            key,
            threshold.absolute.value if key.is_diff else threshold.lower_bound.value,
        )
        for key, thresholds_of_slices in thresholds.items()
        if roles[key.model_name] == "model"
        for _, threshold in thresholds_of_slices
    }


def _failed_keys(evaluation_uri: str) -> set[tfma.metrics.MetricKey]:
    """Returns the keys of metrics that are missing or below a threshold, as TFMA validated."""
    validation = tfma.load_validation_result(evaluation_uri)
    return {
        tfma.metrics.MetricKey.from_proto(failure.metric_key)
        for per_slice in validation.metric_validations_per_slice
        for failure in per_slice.failures
    }
