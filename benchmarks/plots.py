"""The measurements as drawings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

_OURS, _OTHERS = "#c2410c", "#475569"


def draw_contenders(rows: list[dict[str, Any]], path: Path) -> None:
    """Draws quality, training time and memory as bars, a line for each contender."""
    panels = (
        ("unseen_top_100_accuracy", "unseen top-100 accuracy", "linear", 1.0, "{:.4f}"),
        ("fit_seconds", "seconds to fit", "log", 1.0, "{:,.1f}"),
        ("peak_bytes", "peak memory, MB", "linear", 1e-6, "{:,.0f}"),
    )
    titles = [row["title"] for row in rows]
    colours = [_OURS if row["contender"] == "ours" else _OTHERS for row in rows]
    figure, all_axes = plt.subplots(
        1, 3, figsize=(12, 1.2 + 0.45 * len(rows)), sharey=True, layout="constrained"
    )
    for axes, (name, label, scale, unit, shape) in zip(all_axes, panels, strict=True):
        values = [(row[name] or 0.0) * unit for row in rows]
        # Counting takes no time that a logarithmic axis could show.
        bars = axes.barh(titles, [max(v, 0.1) if scale == "log" else v for v in values])
        for bar, colour in zip(bars, colours, strict=True):
            bar.set_color(colour)
        labels = ["–" if row[name] is None else shape.format(row[name] * unit) for row in rows]
        axes.bar_label(bars, labels=labels, padding=3, fontsize=9)
        axes.set_xscale(scale)
        axes.margins(x=0.22)
        axes.set_title(label, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    all_axes[0].invert_yaxis()
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
