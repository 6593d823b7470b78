"""Charts as SVG that takes its colours from the page, so one drawing serves light and dark.

Matplotlib knows no CSS variables: it draws in colours that stand for them, and these are replaced
in what it wrote. Text stays text, in the page's font.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator, StrMethodFormatter

# Colour that is drawn → CSS variable that it becomes.
INK, MUTED, GRID, PAPER = "#010101", "#020202", "#030303", "#040404"
SERIES = ("#050505", "#060606", "#070707", "#080808", "#090909")
_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--line",
    PAPER: "--paper",
    **{colour: f"--series-{number}" for number, colour in enumerate(SERIES, 1)},
}
_MARKERS = ("o", "s", "^", "D", "v")
_DASHES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1)))
_STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a title may hold "$"
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
WIDTH, HEIGHT = 4.4, 2.7  # inches: 420 pixels, which a telephone shows without shrinking much


@dataclass(frozen=True)
class Series:
    """Named values, one for each position on the axis; None where there is none.

    Attributes:
        name: In the legend.
        values: One for each position.
        lower: Lower ends of the intervals, or empty.
        upper: Upper ends of the intervals, or empty.
    """

    name: str
    values: tuple[float | None, ...]
    lower: tuple[float | None, ...] = ()
    upper: tuple[float | None, ...] = ()


def bar_chart(
    name: str, labels: Sequence[str], series: Sequence[Series], x_label: str, y_label: str
) -> Markup:
    """Draws upright bars, those of one label side by side."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _axes()
        width = 0.8 / len(series)
        for index, one in enumerate(series):
            middle = [x + (index - (len(series) - 1) / 2) * width for x in range(len(labels))]
            heights = [value or 0.0 for value in one.values]
            axes.bar(middle, heights, width * 0.92, color=SERIES[index], label=one.name)
            _whiskers(axes, middle, one)
        axes.set_xticks(range(len(labels)), labels)
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        return _finish(figure, axes, name, x_label, y_label, legend=len(series) > 1)


def line_chart(
    name: str,
    lines: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    x_label: str,
    y_label: str,
    logarithmic: bool = False,
) -> Markup:
    """Draws lines given as (name, x values, y values).

    Args:
        name: Name of the chart on the page.
        lines: What to draw.
        x_label: Said below.
        y_label: Said at the side.
        logarithmic: Whether both axes are.
    """
    with matplotlib.rc_context(_STYLE):
        figure, axes = _axes()
        for index, (label, xs, ys) in enumerate(lines):
            axes.plot(
                xs,
                ys,
                color=SERIES[index],
                label=label,
                linestyle=_DASHES[index],
                linewidth=1.8,
                marker=_MARKERS[index] if len(xs) <= 12 else None,
                markersize=4,
            )
        if logarithmic:
            axes.set_xscale("log")
            axes.set_yscale("log")
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
                axis.set_minor_locator(NullLocator())
        else:
            whole = all(float(x).is_integer() for _, xs, _ in lines for x in xs)
            axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=whole))
        axes.grid(color=GRID, linewidth=0.6)
        return _finish(figure, axes, name, x_label, y_label, legend=len(lines) > 1)


def dot_chart(name: str, labels: Sequence[str], series: Sequence[Series], x_label: str) -> Markup:
    """Draws one row for each label with a dot for each series, and intervals where given."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _axes(height=0.75 + 0.3 * len(labels))
        rows = list(range(len(labels)))
        for index, one in enumerate(series):
            known = [(v, row) for row, v in zip(rows, one.values, strict=True) if v is not None]
            axes.plot(
                [value for value, _ in known],
                [row for _, row in known],
                color=SERIES[index],
                linestyle="",
                marker=_MARKERS[index],
                # The first is solid and on top; the others are hollow, so that none is hidden.
                markersize=7 if index else 4.5,
                markerfacecolor="none" if index else SERIES[index],
                zorder=3 - 0.1 * index,
                label=one.name,
            )
            _whiskers(axes, rows, one, upright=False)
        axes.set_yticks(rows, labels)
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.grid(color=GRID, linewidth=0.6)
        return _finish(figure, axes, name, x_label, "", legend=True)


def row_chart(name: str, labels: Sequence[str], values: Sequence[float], x_label: str) -> Markup:
    """Draws one lying bar for each label, the value at its end."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _axes(height=0.6 + 0.24 * len(labels))
        drawn = axes.barh(range(len(labels)), values, 0.7, color=SERIES[0])
        axes.bar_label(drawn, fmt="%.1f", padding=3, color=INK)
        axes.set_yticks(range(len(labels)), labels)
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.margins(x=0.12)
        axes.grid(axis="x", color=GRID, linewidth=0.6)
        return _finish(figure, axes, name, x_label, "", legend=False)


def _axes(height: float = HEIGHT) -> tuple[Figure, Axes]:
    """Returns an empty figure that no window and no global state knows of."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasSVG(figure)
    return figure, figure.add_subplot()


def _whiskers(axes: Axes, positions: Sequence[float], one: Series, upright: bool = True) -> None:
    """Draws the intervals of a series."""
    for index, lower, upper in zip(positions, one.lower, one.upper, strict=False):
        if lower is None or upper is None:
            continue
        along, across = (lower, upper), (index, index)
        xs, ys = (across, along) if upright else (along, across)
        axes.plot(xs, ys, color=INK, linewidth=1, solid_capstyle="butt")


def _finish(
    figure: Figure, axes: Axes, name: str, x_label: str, y_label: str, legend: bool
) -> Markup:
    """Labels the axes, sets the legend above the drawing, and returns the SVG."""
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.tick_params(length=3)
    if legend:
        figure.legend(loc="outside upper left", ncols=3, handlelength=1.6, columnspacing=1.2)
    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):  # the same drawing, the same text
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return Markup(to_inline(out.getvalue(), name))


def to_inline(svg: str, name: str) -> str:
    """Makes a drawing part of a page: no prologue, ids of its own, the page's colours and width.

    Args:
        svg: A whole SVG file.
        name: Prefix that keeps the ids of one drawing apart from those of another.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(
        r"<!--.*?-->|<(metadata|style)\b.*?</\1>|<defs>\s*</defs>", "", svg, flags=re.DOTALL
    )
    svg = re.sub(
        r' (?:width|height)="[\d.]+pt"| xmlns(?::xlink)?="[^"]*"| version="1.1"', "", svg, count=5
    )
    used = set(re.findall(r'(?:href="|url\()#([\w.-]+)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", svg)
    svg = re.sub(r'(href="|url\()#', rf"\1#{name}-", svg).replace("xlink:href", "href")
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    svg = re.sub(r"\n\s*", "\n", svg)
    return svg.replace("<svg", '<svg aria-hidden="true"', 1)
