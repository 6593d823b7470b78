"""What is measured and what must hold, as TFMA's configuration."""

from __future__ import annotations

import json
from typing import Any

from tensorflow_model_analysis.proto import config_pb2

from components.contracts.examples import MOVIE_ID
from components.contracts.saved_model import SERVING_EXAMPLES
from components.evaluator import tfma_metric
from components.evaluator.config import EvaluatorConfig, GateConfig
from components.evaluator.gates import GATES


def eval_config(gate: GateConfig, evaluator: EvaluatorConfig) -> config_pb2.EvalConfig:
    """Returns the configuration of the Evaluator, the same with and without a live model.

    TFX's Evaluator adds the live model beside the candidate where it gets one, and drops the change
    thresholds where it gets none.
    """
    slices = [config_pb2.SlicingSpec(feature_keys=[name]) for name in evaluator.slice_features]
    return config_pb2.EvalConfig(
        model_specs=[
            config_pb2.ModelSpec(
                signature_name=SERVING_EXAMPLES, label_key=MOVIE_ID, model_type="tf_generic"
            )
        ],
        slicing_specs=[config_pb2.SlicingSpec(), *slices],
        metrics_specs=[
            config_pb2.MetricsSpec(
                metrics=[_metric(evaluator)], per_slice_thresholds=_thresholds(gate)
            )
        ],
        options=config_pb2.Options(include_default_metrics={"value": False}),
    )


def _metric(evaluator: EvaluatorConfig) -> config_pb2.MetricConfig:
    """Returns the one TFMA metric that computes all of ours."""
    settings: dict[str, Any] = {
        "name": "retrieval",
        "bootstrap_samples": evaluator.bootstrap_samples,
        "confidence": evaluator.confidence,
    }
    if evaluator.weighted:
        settings["weighted"] = True
    return config_pb2.MetricConfig(
        class_name=tfma_metric.RetrievalMetrics.__name__,
        module=tfma_metric.__name__,
        config=json.dumps(settings, sort_keys=True),
    )


def _thresholds(config: GateConfig) -> dict[str, config_pb2.PerSliceMetricThresholds]:
    """Returns the thresholds of each metric: of its value, of its change, or of both.

    They hold for all users together: a threshold that names no slice would have to hold in every
    slice of a few users.
    """
    by_metric: dict[str, config_pb2.MetricThreshold] = {}
    for gate in (gate for gate in GATES if gate.is_on(config)):
        threshold = by_metric.setdefault(gate.metric, config_pb2.MetricThreshold())
        gate.set_threshold(threshold, gate.threshold(config))
    return {
        metric: config_pb2.PerSliceMetricThresholds(
            thresholds=[
                config_pb2.PerSliceMetricThreshold(
                    slicing_specs=[config_pb2.SlicingSpec()], threshold=threshold
                )
            ]
        )
        for metric, threshold in sorted(by_metric.items())
    }
