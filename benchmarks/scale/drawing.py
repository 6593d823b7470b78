"""The measurements as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks.scale.peers import OURS, PEERS
from benchmarks.scale.report import costs

_OURS, _REFERENCE = "#c2410c", "#94a3b8"
_SHOWN = ("ExampleGen", "StatisticsGen", "Transform", "Trainer", "Evaluator", "whole run")


def draw(sizes: Sequence[dict[str, Any]], path: Path) -> None:
    """Draws seconds by component, quality and memory by peer, over the ratings.

    Args:
        sizes: As in the JSON file, ascending.
        path: Where to.
    """
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14, 4.6), layout="constrained")
    _draw_costs(left, sizes)
    for axes, (label, value) in zip(
        (middle, right),
        (("unseen top-100 accuracy", _quality), ("peak memory, GiB", _memory)),
        strict=True,
    ):
        for name, peer in PEERS.items():
            points = [
                (size["ratings"], value(size, row))
                for size in sizes
                for row in size["peers"]
                if row["peer"] == name and "figures" in row
            ]
            if points:
                colour = {"color": _OURS} if name == OURS else {}
                axes.plot(*zip(*points, strict=True), "o-", label=peer.title, **colour)
        axes.set_title(label, fontsize=10)
    middle.set_ylim(bottom=0)
    right.set_yscale("log")
    middle.legend(fontsize=7)
    for axes in (left, middle, right):
        axes.set_xscale("log")
        axes.set_xlabel("ratings")
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _draw_costs(axes: Axes, sizes: Sequence[dict[str, Any]]) -> None:
    ratings = [size["ratings"] for size in sizes]
    rows = costs(sizes)
    for name in _SHOWN:
        points = [(n, s) for n, s in zip(ratings, rows.get(name, []), strict=False) if s]
        if points:
            width = 2.5 if name == "whole run" else 1.2
            axes.plot(*zip(*points, strict=True), "o-", linewidth=width, label=name)
    first = sizes[0]["run"]["seconds"]
    linear = [first * n / ratings[0] for n in ratings]
    axes.plot(ratings, linear, "--", color=_REFERENCE, label="exponent 1")
    axes.set_yscale("log")
    axes.set_title("seconds of a cold run", fontsize=10)
    axes.legend(fontsize=7)


def _quality(size: dict[str, Any], row: dict[str, Any]) -> float:
    return row["figures"]["unseen_top_100_accuracy"]


def _memory(size: dict[str, Any], row: dict[str, Any]) -> float:
    return (size["run"] if row["peer"] == OURS else row)["peak_bytes"] / 2**30
