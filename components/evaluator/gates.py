"""The gates: what a model must show before it is pushed.

`GATES` is the only list of them. A gate knows its metric, the setting that holds its threshold, its
threshold in TFMA's configuration, and the sentence that explains its decision.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.contracts.metric_names import POPULARITY, POPULARITY_RATIO, UNSEEN, accuracy
from components.evaluator.config import GateConfig

Figures = Mapping[str, float]


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

    @property
    def name(self) -> str:
        """The name of the decision in last_run.json."""
        return self.metric

    def threshold(self, config: GateConfig) -> float:
        """Returns the least value that passes."""
        return getattr(config, self.setting)

    def value(self, model: Figures, live: Figures) -> float | None:
        """Returns what is held against the threshold; None where it was not measured."""
        return model.get(self.metric)

    def set_threshold(self, threshold: Any, least: float) -> None:
        """Writes the threshold into TFMA's MetricThreshold."""
        threshold.value_threshold.lower_bound.value = least

    def sentence(self, model: Figures, live: Figures, least: float) -> str:
        """Returns the figures that were compared, as one sentence."""
        if self.value(model, live) is None:
            return f"{self.metric} could not be {self._verb}: no user has a held-out interaction"
        return self._comparison(model, live, least)

    _verb = "measured"

    @abstractmethod
    def _comparison(self, model: Figures, live: Figures, least: float) -> str:
        """Returns the sentence where the value is known."""


class Floor(Gate):
    """A metric is at least as large as its threshold."""

    def _comparison(self, model: Figures, live: Figures, least: float) -> str:
        return f"{self.metric} is {model[self.metric]:.4f}, at least {least:.4f} is required"


class PopularityRatio(Gate):
    """The model is so many times better than a list of the most popular movies."""

    def _comparison(self, model: Figures, live: Figures, least: float) -> str:
        prefix = self.metric.removesuffix(POPULARITY_RATIO)
        measured = accuracy(100, prefix)
        popular = model[accuracy(100, prefix + POPULARITY)]
        return (
            f"{measured} is {model[measured]:.4f}, {model[self.metric]:.3f} times that of the most "
            f"popular movies ({popular:.4f}), at least {least:.3f} times is required"
        )


class MaxDrop(Gate):
    """A metric is not much smaller than that of the live model; no gate where nothing is live."""

    compares_with_live = True
    _verb = "compared with the live model"

    @property
    def name(self) -> str:
        """The name of the decision in last_run.json."""
        return f"{self.metric}_change"

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
            f"{self.metric} is {ours:.4f}, {abs(ours - theirs):.4f} {direction} the live model's "
            f"{theirs:.4f}, at most {-least:.4f} below is allowed"
        )


GATES: tuple[Gate, ...] = (
    Floor(accuracy(100), "min_top_100_accuracy"),
    PopularityRatio(POPULARITY_RATIO, "min_popularity_ratio"),
    PopularityRatio(UNSEEN + POPULARITY_RATIO, "min_popularity_ratio"),
    MaxDrop(accuracy(100), "max_drop"),
    MaxDrop(accuracy(100, UNSEEN), "max_drop"),
)
