"""The verdict: may this model be pushed, and what is it worth?"""

from __future__ import annotations

from components.contracts.metric_names import POPULARITY, UNSEEN, accuracy
from components.evaluator.result import EvaluationResult
from components.report.facts import Facts
from components.report.page import formatting
from components.report.page.blocks import Headline, KeyFigures

# Name, prefix of the metrics, k.
SHOWN = (
    ("Top 100, unseen", UNSEEN, 100),
    ("Top 100, all", "", 100),
    ("Top 10, unseen", UNSEEN, 10),
)


def headline(facts: Facts) -> Headline:
    """Returns the verdict with its reasons and the key figures."""
    reasons = refusals(facts)
    text = (
        "Refused: this model is not pushed"
        if reasons
        else "Accepted: all gates and the serving check passed"
    )
    return Headline(not reasons, text, tuple(reasons), key_figures(facts))


def refusals(facts: Facts) -> list[str]:
    """Returns why the model is refused, the gates' reasons first; empty if it is not."""
    reasons = []
    parts = (("evaluation", "verdict", facts.verdict), ("serving check", "check", facts.check))
    for name, key, part in parts:
        if part is None:
            reasons.append(f"the {name} could not be read ({facts.problems.get(key, '')})")
        else:
            reasons += part.reasons
    return reasons


def key_figures(facts: Facts) -> KeyFigures:
    """Returns what to know first, each with what to compare it with."""
    items = [] if facts.verdict is None else accuracies(facts.verdict)
    if facts.summary:
        users, movies = (formatting.count(facts.summary.get(key)) for key in ("users", "movies"))
        ratings = formatting.count(facts.summary.get("ratings"))
        items.append(("Ratings", ratings, f"{users} users, {movies} movies"))
    fit = (facts.history or {}).get("seconds", {}).get("fit")
    if facts.history and fit is not None:
        epochs = (facts.history.get("epochs") or [{}])[-1].get("epoch", 0)
        items.append(("Training", formatting.seconds(fit), f"{epochs} epochs"))
    return KeyFigures(tuple(items))


def accuracies(verdict: EvaluationResult) -> list[tuple[str, str, str]]:
    """Returns the main accuracies beside those of the live model and of popularity."""
    items = []
    for name, kind, k in SHOWN:
        value = verdict.metrics.get(accuracy(k, kind))
        if value is None:
            continue
        compared = [("popularity", verdict.metrics.get(accuracy(k, f"{kind}{POPULARITY}")))]
        compared.append(("live model", verdict.live.get(accuracy(k, kind))))
        detail = ", ".join(
            f"{who} {formatting.percent(share)}" for who, share in compared if share is not None
        )
        items.append((name, formatting.percent(value), detail))
    return items
