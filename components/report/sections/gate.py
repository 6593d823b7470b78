"""Gate: what was demanded, what was measured, and how sure that is."""

from __future__ import annotations

from components.evaluator.gates import why_k
from components.evaluator.result import EvaluationResult
from components.report.facts import Facts
from components.report.page import formatting
from components.report.page.blocks import Block, Details, Mark, Note, Section, Table
from components.serving_check.result import ServingCheckResult

CHANGE = "_change"


def gate(facts: Facts) -> Section:
    """Returns the decisions and the serving check."""
    blocks: list[Block] = []
    if facts.verdict is None:
        blocks.append(Note(f"No evaluation: {facts.problems.get('verdict', '')}", warning=True))
    else:
        blocks.append(decisions(facts))
        blocks += [Note(f"Warning: {text}", warning=True) for text in facts.verdict.warnings]
    if facts.verdict is not None and not facts.verdict.live:
        blocks.append(Note("Nothing is live yet, so there is no live model to compare with."))
    if facts.check is not None:
        blocks.append(serving_check(facts.check))
    intro = "A model is pushed only if every line passes and the serving check does."
    return Section("gate", "Gate", intro, tuple(blocks))


def decisions(facts: Facts) -> Table:
    """Returns each decision with its threshold and the interval of what was measured."""
    assert facts.verdict is not None
    rows = []
    for decision in facts.verdict.decisions:
        name = decision.name
        span = formatting.DASH
        if not name.endswith(CHANGE):
            span = formatting.interval(facts.verdict.metrics, name)
        rows.append(
            (
                _name(name),
                Mark("passed" if decision.passed else "refused", decision.passed),
                formatting.figure(decision.value),
                formatting.figure(decision.threshold),
                span,
            )
        )
    return Table(
        "Decisions of the Evaluator",
        ("metric", "verdict", "measured", "at least", "interval"),
        tuple(rows),
        text_columns=frozenset({1}),
        note=_note(facts.verdict),
    )


def _note(verdict: EvaluationResult) -> str:
    """Returns what is to be known of the intervals and of the length of the lists."""
    decided = "the upper end of a ratio" if verdict.warnings else "what was measured"
    measured, users = verdict.metrics.get("users", 0), verdict.users_of_eval
    sample = ""
    if measured < users:
        sample = (
            f" Measured on {formatting.count(measured)} of {formatting.count(users)} users, "
            "selected by a hash of their ids."
        )
    note = f"Intervals: bootstrap over users. The verdict is by {decided}.{sample}"
    why = why_k(verdict.metrics)
    return f"{note} Ratios and changes: {why}." if why else note


def _name(name: str) -> str:
    if name.endswith(CHANGE):
        return formatting.plain(name[: -len(CHANGE)]) + ", less the live model's"
    return formatting.plain(name)


def serving_check(check: ServingCheckResult) -> Block:
    """Returns what the exported model showed in a fresh process."""
    table = Table(
        "Serving check: the exported model in a process of its own",
        ("check", "verdict", "found"),
        tuple(
            (
                formatting.plain(one.name),
                Mark("passed" if one.passed else "failed", one.passed),
                one.detail,
            )
            for one in check.checks
        ),
        text_columns=frozenset({1, 2}),
    )
    if not check.passed:
        return table
    latency = f", {check.latency_ms:.1f} ms for one user" if check.latency_ms is not None else ""
    summary = f"Serving check: {len(check.checks)} of {len(check.checks)} passed{latency}"
    return Details(summary, (table,))
