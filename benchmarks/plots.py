"""The measurements as drawings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

_OURS, _OTHERS = "#c2410c", "#475569"


def draw_contenders(rows: list[dict[str, Any]], path: Path) -> None:
    """Draws quality by training time, a point for each contender that has both."""
    shown = [row for row in rows if row["unseen_top_100_accuracy"] is not None]
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for row in shown:
        colour = _OURS if row["contender"] == "ours" else _OTHERS
        # Counting takes milliseconds: on the left edge is soon enough.
        seconds = max(row["fit_seconds"], 0.1)
        axes.scatter(seconds, row["unseen_top_100_accuracy"], color=colour, s=60, zorder=3)
        axes.annotate(
            row["title"],
            (seconds, row["unseen_top_100_accuracy"]),
            xytext=(8, 6),
            textcoords="offset points",
            fontsize=9,
            color=colour,
        )
    axes.set_xscale("log")
    axes.margins(x=0.25, y=0.15)
    axes.set_xlabel("seconds to fit")
    axes.set_ylabel("unseen top-100 accuracy")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def draw_index_latency(latency: dict[str, Any], path: Path) -> None:
    """Draws the time of a query by catalogue size, and the floor."""
    movies = [row["movies"] for row in latency["rows"]]
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    lines = (
        ("1 query", "seconds_1", 1, _OURS, "o-"),
        ("32 queries, each", "seconds_32", 32, _OTHERS, "o-"),
        ("one read of memory", "floor_seconds", 1, _OTHERS, "--"),
    )
    for label, name, queries, colour, style in lines:
        times = [1e3 * row[name] / queries for row in latency["rows"]]
        axes.plot(movies, times, style, color=colour, label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("movies")
    axes.set_ylabel("milliseconds, exact top 100")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150)
    plt.close(figure)


def draw_epochs(rows: list[dict[str, Any]], path: Path) -> None:
    """Draws loss and top-100 accuracies by epoch, a line for each training.

    Args:
        rows: Each with `title` and `epochs`, a list of figures by name.
        path: Where to.
    """
    panels = (
        ("loss", "mean loss of an interaction"),
        ("top_100_accuracy", "top-100 accuracy"),
        ("unseen_top_100_accuracy", "unseen top-100 accuracy"),
    )
    figure, all_axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    for axes, (name, label) in zip(all_axes, panels, strict=True):
        for row in rows:
            points = [(epoch["epoch"], epoch[name]) for epoch in row["epochs"] if name in epoch]
            axes.plot(*zip(*points, strict=True), "o-", markersize=3, label=row["title"])
        axes.set_xlabel("epoch")
        axes.set_title(label, fontsize=10)
        axes.grid(alpha=0.3)
    all_axes[0].legend(fontsize=8)
    figure.savefig(path, dpi=150)
    plt.close(figure)
