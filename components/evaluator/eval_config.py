"""What is measured and what must hold, as TFMA's configuration."""

from __future__ import annotations

import json

from tensorflow_model_analysis.proto import config_pb2

from components.evaluator import tfma_metric
from components.evaluator.config import EvaluatorConfig, GateConfig

SIGNATURE = "serving_examples"
LABEL = "movie_id"
FLOOR = ("top_100_accuracy",)
RATIOS = ("popularity_ratio", "unseen_popularity_ratio")
CHANGES = ("top_100_accuracy", "unseen_top_100_accuracy")


def eval_config(gate: GateConfig, evaluator: EvaluatorConfig) -> config_pb2.EvalConfig:
    """Returns the configuration of the Evaluator, the same with and without a live model.

    TFX's Evaluator adds the live model beside the candidate where it gets one, and drops the change
    thresholds where it gets none. The thresholds hold for all users together: a threshold that
    names no slice would have to hold in every slice of a few users.
    """
    thresholds = {name: _threshold(name, gate) for name in {*FLOOR, *RATIOS, *CHANGES}}
    overall = config_pb2.SlicingSpec()
    return config_pb2.EvalConfig(
        model_specs=[
            config_pb2.ModelSpec(signature_name=SIGNATURE, label_key=LABEL, model_type="tf_generic")
        ],
        slicing_specs=[
            overall,
            *(config_pb2.SlicingSpec(feature_keys=[name]) for name in evaluator.slice_features),
        ],
        metrics_specs=[
            config_pb2.MetricsSpec(
                metrics=[_metric(evaluator)],
                per_slice_thresholds={
                    name: config_pb2.PerSliceMetricThresholds(
                        thresholds=[
                            config_pb2.PerSliceMetricThreshold(
                                slicing_specs=[overall], threshold=threshold
                            )
                        ]
                    )
                    for name, threshold in sorted(thresholds.items())
                },
            )
        ],
        options=config_pb2.Options(include_default_metrics={"value": False}),
    )


def _metric(evaluator: EvaluatorConfig) -> config_pb2.MetricConfig:
    """Returns the one TFMA metric that computes all of ours."""
    settings = {
        "name": "retrieval",
        "bootstrap_samples": evaluator.bootstrap_samples,
        "confidence": evaluator.confidence,
    }
    return config_pb2.MetricConfig(
        class_name=tfma_metric.RetrievalMetrics.__name__,
        module=tfma_metric.__name__,
        config=json.dumps(settings, sort_keys=True),
    )


def _threshold(name: str, gate: GateConfig) -> config_pb2.MetricThreshold:
    """Returns what a metric must reach, and by how much it may be below the live model's."""
    threshold = config_pb2.MetricThreshold()
    if name in FLOOR:
        threshold.value_threshold.lower_bound.value = gate.min_top_100_accuracy
    if name in RATIOS:
        threshold.value_threshold.lower_bound.value = gate.min_popularity_ratio
    if name in CHANGES:
        threshold.change_threshold.direction = config_pb2.MetricDirection.HIGHER_IS_BETTER
        threshold.change_threshold.absolute.value = -gate.max_drop
    return threshold
