"""What is held out, which preset of ours meets it, and who is measured beside it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Protocol:
    """A way to measure recommenders.

    Attributes:
        title: What is held out, for the page.
        preset: Preset of ours.
        assignments: Settings of ExampleGen, `section.key=value`.
        contenders: Names of those who are measured.
        figures: Names of what is measured, in the order of the table.
        suffix: Of the names of the results' files.
    """

    title: str
    preset: str
    assignments: tuple[str, ...]
    contenders: tuple[str, ...]
    figures: tuple[str, ...]
    suffix: str = ""


PROTOCOLS = {
    "random": Protocol(
        "random 75/25",
        "default",
        (),
        ("popularity", "notebook-metrics", "notebook", "als", "ease", "ours"),
        (
            "top_10_accuracy",
            "top_100_accuracy",
            "unseen_top_10_accuracy",
            "unseen_top_100_accuracy",
        ),
    ),
    "next-movie": Protocol(
        "each user's last interaction",
        "next-movie",
        ("split.method=leave-last", "split.leave_last=1"),
        ("popularity", "als", "ease", "transitions", "sasrec", "history", "ours"),
        ("unseen_top_10_accuracy", "unseen_ndcg_at_10", "unseen_mrr", "unseen_top_100_accuracy"),
        "-next-movie",
    ),
}
