"""Settings of the Evaluator and its gate."""

from __future__ import annotations

from pydantic import Field

from components.config import NotNegative, NotNegativeNumber, ProperShare, Section, Share


class GateConfig(Section):
    """What a model must show before it is pushed."""

    min_top_100_accuracy: Share = Field(
        0.1,
        description="Floor of top_100_accuracy, below any usable model's: the notebook's best run "
        "on ML-1M has 0.22, planted tastes among 59,000 movies 0.12. It says little of a small "
        "catalogue.",
    )
    min_popularity_ratio: NotNegativeNumber = Field(
        1.05,
        description="Least ratio of top-k accuracy, seen movies removed or not, to popularity's; k "
        "is the largest of 100, 50, 10, 5 and 1 that is at most a tenth of the catalogue, or 1. "
        "With fewer than 200 users in eval the upper end of the ratio's interval is compared.",
    )
    min_index_recall: Share = Field(
        0.95,
        description="Floor of index_recall: the share of a user's exact top 100 of unseen movies "
        "that the served index returns; 1 of an exact index.",
    )
    min_unseen_top_10_accuracy: Share = Field(
        0.0,
        description="Floor of unseen_top_10_accuracy; 0 turns this gate off. The preset next-movie "
        "sets it.",
    )
    max_drop: Share = Field(
        0.005,
        description="Largest drop of either accuracy, at the same k, against the live model's, in "
        "absolute accuracy.",
    )


class EvaluatorConfig(Section):
    """How the model is measured."""

    bootstrap_samples: NotNegative = Field(
        200, description="Poisson bootstrap resamples of users for the intervals; 0 turns them off."
    )
    users: NotNegative = Field(
        25_000,
        description="Most users of eval that are measured, selected by a hash of their ids; 0: "
        "all. 25,000 give ±0.002 in top-100 accuracy.",
    )
    confidence: ProperShare = Field(0.95, description="Coverage of the intervals.")
    weighted: bool = Field(
        False,
        description="Whether a user's accuracies, recalls and NDCG count each held-out interaction "
        "by its weight, where the data have weights.",
    )
    slice_features: tuple[str, ...] = Field(
        ("activity", "gender", "age"), description="User features to slice by, where present."
    )
