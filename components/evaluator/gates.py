"""The gates: what a model must show before it is pushed.

`GATES` is the only list of them. A gate knows its metric, the setting that holds its threshold, its
threshold in TFMA's configuration, and the sentence that explains its decision.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from components.contracts.metric_names import (
    CATALOGUE_SIZE,
    CI_LOWER,
    CI_UPPER,
    GATE_ACCURACY,
    GATE_RATIO,
    POPULARITY,
    POPULARITY_RATIO,
    TOP_K,
    UNSEEN,
    accuracy,
)
from components.contracts.saved_model import INDEX_RECALL
from components.evaluator import small_data
from components.evaluator.config import GateConfig

Figures = Mapping[str, float]
_LARGEST_K = max(TOP_K)


@dataclass(frozen=True)
class Gate(ABC):
    """One condition on one metric over all users.

    Attributes:
        metric: Name of the metric.
        setting: Name of the field of GateConfig that holds the threshold.
    """

    metric: str
    setting: str

    compares_with_live = False
    _length: ClassVar[int | None] = None  # k, where it does not follow from the catalogue

    def name(self, k: int) -> str:
        """Returns the name of the decision in last_run.json, made on lists of the first k."""
        return self.metric

    def k(self, model: Figures) -> int:
        """Returns the k of the lists that are decided on."""
        return self._length or small_data.k_of(model)

    def threshold(self, config: GateConfig) -> float:
        """Returns the least value that passes."""
        return getattr(config, self.setting)

    def is_on(self, config: GateConfig) -> bool:
        """Says whether the gate decides."""
        return True

    def value(self, model: Figures, live: Figures) -> float | None:
        """Returns what is held against the threshold; None where it was not measured."""
        return model.get(self.metric)

    def set_threshold(self, threshold: Any, least: float) -> None:
        """Writes the threshold into TFMA's MetricThreshold."""
        threshold.value_threshold.lower_bound.value = least

    def sentence(self, model: Figures, live: Figures, least: float) -> str:
        """Returns the figures that were compared, as one sentence."""
        if self.value(model, live) is None:
            name = self._measured(self.k(model))
            return f"{name} could not be {self._verb}: {self._unmeasured}"
        return self._comparison(model, live, least)

    _verb = "measured"
    _unmeasured = "no user has a held-out interaction"

    def _measured(self, k: int) -> str:
        """Returns the name of what is measured, at k."""
        return self.name(k)

    @abstractmethod
    def _comparison(self, model: Figures, live: Figures, least: float) -> str:
        """Returns the sentence where the value is known."""


class Floor(Gate):
    """A metric of the top 100 is at least as large as its threshold, however large the catalogue.

    Of a small catalogue everybody's top 100 holds most: the floor passes, and the others decide.
    """

    _length = _LARGEST_K

    def _comparison(self, model: Figures, live: Figures, least: float) -> str:
        return f"{self.metric} is {model[self.metric]:.4f}, at least {least:.4f} is required"


class Top10Floor(Floor):
    """A metric of the top 10 is at least as large as its threshold, where that is more than 0."""

    _length = 10

    def is_on(self, config: GateConfig) -> bool:
        """Says whether the gate decides: a floor of 0 is none."""
        return self.threshold(config) > 0


class IndexRecall(Floor):
    """The index gives so much of the exact lists; an exact index gives all, by definition."""

    _unmeasured = "of none of the users with held-out interactions the exact list was looked for"


class PopularityRatio(Gate):
    """The model is so many times better than a list of the most popular movies."""

    @property
    def _prefix(self) -> str:
        return self.metric.removesuffix(GATE_RATIO)

    def name(self, k: int) -> str:
        """Returns the name of the decision in last_run.json, made on lists of the first k."""
        return self._prefix + POPULARITY_RATIO

    def _comparison(self, model: Figures, live: Figures, least: float) -> str:
        k, name = self.k(model), self.name(0)
        measured = accuracy(k, self._prefix)
        popular = model[accuracy(k, self._prefix + POPULARITY)]
        return (
            f"{measured} is {model[measured]:.4f}, {model[name]:.3f} times that of the most "
            f"popular movies ({popular:.4f}), at least {least:.3f} times is required"
            f"{self._of_few(model, name)}{_in_brackets(why_k(model))}"
        )

    def _of_few(self, model: Figures, name: str) -> str:
        """Returns what decides where few users are measured."""
        if model[self.metric] == model[name]:
            return ""
        lower, upper = model[name + CI_LOWER], model[name + CI_UPPER]
        return (
            f"; of {model['users']:,.0f} users it is known to be {lower:.3f} to {upper:.3f}, and "
            "the upper end decides"
        )


class MaxDrop(Gate):
    """A metric is not much smaller than that of the live model; no gate where nothing is live."""

    compares_with_live = True
    _verb = "compared with the live model"

    def name(self, k: int) -> str:
        """Returns the name of the decision in last_run.json, made on lists of the first k."""
        return f"{self._measured(k)}_change"

    def _measured(self, k: int) -> str:
        return accuracy(k, self.metric.removesuffix(GATE_ACCURACY))

    def threshold(self, config: GateConfig) -> float:
        """Returns the least change that passes, zero or negative."""
        return -super().threshold(config)

    def value(self, model: Figures, live: Figures) -> float | None:
        """Returns the change against the live model; None where one of the two is not known."""
        if self.metric not in model or self.metric not in live:
            return None
        return model[self.metric] - live[self.metric]

    def set_threshold(self, threshold: Any, least: float) -> None:
        """Writes the threshold into TFMA's MetricThreshold."""
        from tensorflow_model_analysis.proto import config_pb2

        threshold.change_threshold.direction = config_pb2.MetricDirection.HIGHER_IS_BETTER
        threshold.change_threshold.absolute.value = least

    def _comparison(self, model: Figures, live: Figures, least: float) -> str:
        ours, theirs = model[self.metric], live[self.metric]
        direction = "below" if ours < theirs else "above"
        return (
            f"{self._measured(self.k(model))} is {ours:.4f}, {abs(ours - theirs):.4f} {direction} "
            f"the live model's {theirs:.4f}, at most {-least:.4f} below is allowed"
            f"{_in_brackets(why_k(model))}"
        )


def why_k(model: Figures) -> str:
    """Returns why a gate decides on shorter lists than 100; "" where it does not."""
    k = small_data.k_of(model)
    if k == _LARGEST_K:
        return ""
    size = model[CATALOGUE_SIZE]
    return f"k = {k}, as {_LARGEST_K} is more than a tenth of the {size:,.0f} movies"


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


GATES: tuple[Gate, ...] = (
    Floor(accuracy(100), "min_top_100_accuracy"),
    Top10Floor(accuracy(10, UNSEEN), "min_unseen_top_10_accuracy"),
    PopularityRatio(GATE_RATIO, "min_popularity_ratio"),
    PopularityRatio(UNSEEN + GATE_RATIO, "min_popularity_ratio"),
    MaxDrop(GATE_ACCURACY, "max_drop"),
    MaxDrop(UNSEEN + GATE_ACCURACY, "max_drop"),
    IndexRecall(INDEX_RECALL, "min_index_recall"),
)
