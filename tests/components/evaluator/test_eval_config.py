"""The configuration that TFX and TFMA make of the settings, with and without a live model."""

from __future__ import annotations

import json

import pytest
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.utils import config_util

from components.evaluator import eval_config, totals
from components.evaluator.config import EvaluatorConfig, GateConfig
from components.evaluator.tfma_metric import metric_key

GATE = GateConfig(min_top_100_accuracy=0.3, min_popularity_ratio=1.2, max_drop=0.01)


def thresholds(has_baseline: bool, gate: GateConfig = GATE) -> dict[tfma.metrics.MetricKey, float]:
    """Returns key → least value as TFX's Evaluator reads them from the configuration."""
    config = config_util.update_eval_config_with_defaults(
        eval_config.eval_config(gate, EvaluatorConfig()),
        has_baseline=has_baseline,
        rubber_stamp=True,
    )
    config_util.verify_eval_config(config)
    actual = tfma.metrics.metric_thresholds_from_metrics_specs(
        config.metrics_specs, eval_config=config
    )
    least = {}
    for key, [(spec, threshold)] in actual.items():
        assert not spec.feature_keys  # all users together
        assert not spec.feature_values
        bound = threshold.absolute if key.is_diff else threshold.lower_bound
        least[key] = bound.value
    return least


def test_eval_config_without_live_model_has_no_change_thresholds() -> None:
    assert thresholds(has_baseline=False) == {
        metric_key("top_100_accuracy", ""): 0.3,
        metric_key("gate_ratio", ""): 1.2,
        metric_key("unseen_gate_ratio", ""): 1.2,
        metric_key("index_recall", ""): 0.95,
    }


def test_eval_config_with_live_model_holds_changes_against_it() -> None:
    actual = thresholds(has_baseline=True)
    of_candidate = {key: least for key, least in actual.items() if key.model_name == "candidate"}
    assert of_candidate == {
        metric_key("top_100_accuracy", "candidate"): 0.3,
        metric_key("gate_ratio", "candidate"): 1.2,
        metric_key("unseen_gate_ratio", "candidate"): 1.2,
        metric_key("index_recall", "candidate"): 0.95,
        metric_key("gate_accuracy", "candidate").make_diff_key(): -0.01,
        metric_key("unseen_gate_accuracy", "candidate").make_diff_key(): -0.01,
    }


@pytest.mark.parametrize("has_baseline", [False, True])
def test_eval_config_every_threshold_is_on_a_metric_that_is_computed(has_baseline: bool) -> None:
    # TFMA fails a threshold whose full key it does not find among the values.
    computed = {
        metric_key(name, model)
        for name in totals.metric_names(0)
        for model in ("", "candidate", "baseline")
    }
    for key in thresholds(has_baseline):
        assert key._replace(is_diff=False) in computed


def test_eval_config_gates_of_zero_are_thresholds_all_the_same() -> None:
    none = GateConfig(min_top_100_accuracy=0.0, min_popularity_ratio=0.0, max_drop=0.0)
    assert set(thresholds(True, none)) == set(thresholds(True))


@pytest.mark.parametrize("weighted", [False, True])
def test_eval_config_names_weights_only_where_they_are_asked_for(weighted: bool) -> None:
    [spec] = eval_config.eval_config(GATE, EvaluatorConfig(weighted=weighted)).metrics_specs
    settings = json.loads(spec.metrics[0].config)
    assert settings.get("weighted") == (True if weighted else None)


def test_eval_config_slices_by_the_features_of_the_settings() -> None:
    settings = EvaluatorConfig(slice_features=("occupation",))
    slices = [
        list(spec.feature_keys) for spec in eval_config.eval_config(GATE, settings).slicing_specs
    ]
    assert slices == [[], ["occupation"]]
