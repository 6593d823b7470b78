"""Names of the metrics: what the Evaluator writes, gates decide on and the report shows.

A name is a prefix, which says whose list is measured, and a measure, such as `top_10_accuracy`.
This module imports nothing heavy.
"""

from __future__ import annotations

from components.contracts.saved_model import POPULAR, TOP, UNSEEN_POPULAR, UNSEEN_TOP

TOP_K = (1, 5, 10, 50, 100)

UNSEEN, POPULARITY = "unseen_", "popularity_"
# Prefix → the list among the outputs of the signature `serving_examples`.
LISTS = {
    "": TOP,
    UNSEEN: UNSEEN_TOP,
    POPULARITY: POPULAR,
    f"{UNSEEN}{POPULARITY}": UNSEEN_POPULAR,
}
MODEL_LISTS = ("", UNSEEN)

POPULARITY_RATIO = "popularity_ratio"
# What gates decide on: accuracy at a k that fits the catalogue, and the ratio at that k, or the
# upper end of its interval where few users are measured.
GATE_ACCURACY, GATE_RATIO = "gate_accuracy", "gate_ratio"
CATALOGUE_SIZE = "catalogue_size"
CI_LOWER, CI_UPPER = "_ci_lower", "_ci_upper"


def accuracy(k: int, prefix: str = "") -> str:
    """Returns the name of the share of held-out ratings whose movie is among the first k."""
    return f"{prefix}top_{k}_accuracy"


# Figures in the order in which a person reads them.
HEADLINE = (
    *(accuracy(k, prefix) for prefix in LISTS for k in TOP_K),
    *(f"{prefix}{POPULARITY_RATIO}" for prefix in MODEL_LISTS),
)
