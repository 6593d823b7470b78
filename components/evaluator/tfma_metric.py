"""The TFMA shell around `totals`: TFMA hands it users, it hands TFMA metric values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma

from components.contracts.examples import USER_ID, WEIGHT
from components.contracts.metric_names import LISTS
from components.contracts.saved_model import CATALOGUE_SIZE, INDEX_RECALL
from components.evaluator import totals


class RetrievalMetrics(tfma.metrics.Metric):
    """All metrics of the retrieval model, computed in one pass over the users.

    Expects one Example per user, the user's held-out movie ids as label, and as predictions the
    ranked lists that the model's `serving_examples` signature gives.
    """

    def __init__(
        self,
        name: str = "retrieval",
        bootstrap_samples: int = 0,
        confidence: float = 0.95,
        weighted: bool = False,
    ) -> None:
        """Sets the resamples for the intervals (0 for none), their coverage, and `weighted`."""
        super().__init__(
            create_computations,
            name=name,
            bootstrap_samples=bootstrap_samples,
            confidence=confidence,
            weighted=weighted,
        )


def create_computations(
    bootstrap_samples: int,
    confidence: float,
    weighted: bool = False,
    name: str = "",
    model_names: list[str] | None = None,
) -> list[tfma.metrics.MetricComputation]:
    """Returns one computation for each model."""
    del name  # the metrics carry their own names
    return [
        tfma.metrics.MetricComputation(
            keys=[metric_key(key, model) for key in totals.metric_names(bootstrap_samples)],
            preprocessors=[UserPreprocessor(model, weighted)],
            combiner=TotalsCombineFn(model, bootstrap_samples, confidence),
        )
        for model in model_names or [""]
    ]


def metric_key(name: str, model_name: str) -> tfma.metrics.MetricKey:
    """Returns the full key under which TFMA looks for a metric's thresholds.

    Thresholds that a MetricsSpec gives by metric name are matched with example_weighted None; with
    False TFMA would not find the metric, and the gate would refuse every model.
    """
    return tfma.metrics.MetricKey(name=name, model_name=model_name, example_weighted=None)


class UserPreprocessor(tfma.metrics.Preprocessor):
    """Turns the extracts of one user into the user's share in the totals."""

    def __init__(self, model_name: str, weighted: bool = False) -> None:
        """Sets whose predictions are read, "" where there is only one model; and if weights are."""
        # TFMA takes preprocessors of the same name for the same.
        super().__init__(name=f"user_preprocessor_{model_name}")
        self._model_name = model_name
        self._weighted = weighted

    def process(self, extracts: tfma.Extracts) -> Iterator[totals.UserResult]:
        """Yields the user's result; nothing if the user has no held-out interaction."""
        inputs = tfma.metrics.StandardMetricInputs(extracts)
        outputs = inputs.get_predictions(self._model_name)
        features = inputs.get_features()
        user = totals.measure_user(
            user_id=_values(features[USER_ID])[0],
            held_out=_values(inputs.get_labels(self._model_name)),
            lists={name: _values(outputs[name]) for name in LISTS.values()},
            catalogue_size=int(_values(outputs[CATALOGUE_SIZE])[0]),
            weights=_values(features.get(WEIGHT)) if self._weighted else (),
            # A model without this output has an exact index.
            index_recall=float((_values(outputs.get(INDEX_RECALL)) or [1.0])[0]),
        )
        if user is not None:
            yield user


def _values(tensor: Any) -> list[Any]:
    """Returns the values of one user's tensor as a flat list; an absent tensor has none."""
    if tensor is None:
        return []
    return [value for value in np.asarray(tensor).reshape(-1).tolist() if value is not None]


class TotalsCombineFn(beam.CombineFn):
    """Adds users up to totals and gives the metrics of a slice."""

    def __init__(self, model_name: str, samples: int, confidence: float) -> None:
        """Sets the model whose metrics these are, the resamples and the intervals' coverage."""
        super().__init__()
        self._model_name = model_name
        self._samples = samples
        self._confidence = confidence

    def create_accumulator(self) -> totals.Totals:
        """Returns totals without users."""
        return totals.Totals(self._samples)

    def add_input(self, accumulator: totals.Totals, user: totals.UserResult) -> totals.Totals:
        """Adds one user."""
        accumulator.add(user)
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[totals.Totals]) -> totals.Totals:
        """Adds totals up."""
        merged = self.create_accumulator()
        for accumulator in accumulators:
            merged.merge(accumulator)
        return merged

    def compact(self, accumulator: totals.Totals) -> totals.Totals:
        """Makes the totals as small as they get before they are sent."""
        accumulator.settle()
        return accumulator

    def extract_output(self, accumulator: totals.Totals) -> dict[tfma.metrics.MetricKey, float]:
        """Returns the value of every metric under its full key."""
        return {
            metric_key(name, self._model_name): value
            for name, value in accumulator.results(self._confidence).items()
        }
