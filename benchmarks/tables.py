"""The measurements as text in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.protocols import PROTOCOLS

DASH = "–"


def document(results: dict[str, Any]) -> str:
    """Returns the whole page.

    Args:
        results: What benchmarks/__main__.py gathered, as in the JSON file.
    """
    parts = [f"# Benchmarks on {results['data']['name']}", _protocol(results)]
    if results["contenders"]:
        figures = PROTOCOLS[results.get("protocol", "random")].figures
        parts += ["## Recommenders", contenders(results["contenders"], figures), _legend(results)]
    if evaluator := results.get("evaluator"):
        parts += ["## Evaluator", _evaluator(evaluator)]
    if latency := results.get("index_latency"):
        parts += ["## Exact top 100", index_latency(latency), _floor(latency)]
    parts += ["## Machine", _machine(results["machine"])]
    return "\n\n".join(parts) + "\n"


def _protocol(results: dict[str, Any]) -> str:
    data = results["data"]
    return (
        f"{data['train']:,} train and {data['eval']:,} held-out ratings of {data['users']:,} "
        f"users, {data['movies']:,} movies. One split, made by ExampleGen ({data['split']}); each "
        f"contender in a process of its own, in turn; medians. `{results['command']}`, "
        f"{results['date']}."
    )


_HEADS = {
    "top_10_accuracy": "top 10",
    "top_100_accuracy": "top 100",
    "unseen_top_10_accuracy": "unseen 10",
    "unseen_top_100_accuracy": "unseen 100",
    "unseen_ndcg_at_10": "unseen NDCG@10",
    "unseen_mrr": "unseen MRR",
}


def contenders(rows: Sequence[dict[str, Any]], figures: Sequence[str]) -> str:
    """Returns the table of the recommenders; in brackets the ratio to ours.

    Args:
        rows: What `summarise` returned.
        figures: Names of what is shown beside the costs.
    """
    head = ["", *(_HEADS[name] for name in figures), "fit s", "eval s", "memory MB"]
    body = [
        [
            row["title"] if row["runs"] == 1 else f"{row['title']} ({row['runs']} runs)",
            *(_with_ratio(row, name, share) for name in figures),
            _with_ratio(row, "fit_seconds", _seconds) + _marks(row),
            _with_ratio(row, "evaluation_seconds", _seconds),
            _with_ratio(row, "peak_bytes", lambda value: f"{value / 1e6:,.0f}"),
        ]
        for row in rows
    ]
    return table(head, body)


def _with_ratio(row: dict[str, Any], name: str, show: Any) -> str:
    if row[name] is None:
        return DASH
    ratio = row["ratios"].get(name)
    if ratio is None or row["contender"] == "ours":
        return show(row[name])
    return f"{show(row[name])} ({_ratio(ratio)})"


def _ratio(value: float) -> str:
    if value < 0.001:
        return "×<.001"
    return f"×{value:.2f}".replace("×0.", "×.") if value < 10 else f"×{value:,.0f}"


def share(value: float) -> str:
    """Returns a share with four digits, as `.4668`."""
    return f"{value:.4f}".removeprefix("0")


def _seconds(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _marks(row: dict[str, Any]) -> str:
    return "*" if "extrapolated_from_steps" in row["notes"] else ""


def _legend(results: dict[str, Any]) -> str:
    lines = [
        "Share of held-out ratings whose movie is in the user's top k of all movies; unseen: with "
        "the user's train movies removed. In brackets: times ours. fit: training alone; eval: "
        "ranked lists for all users, both ways, and counting; memory: the most that the process "
        "had."
    ]
    for row in results["contenders"]:
        notes = row["notes"]
        if notes.get("settings"):
            lines.append(f"- {row['title']}: {notes['settings']}.")
        if spread := _spread(row, PROTOCOLS[results.get("protocol", "random")].figures):
            lines.append(f"- {row['title']}, each run with another seed: {spread}.")
        if "extrapolated_from_steps" in notes:
            lines.append(
                f"- \\* extrapolated from {notes['extrapolated_from_steps']} of {notes['steps']:,} "
                "steps; the metrics change no weight, so quality is that of the next row."
            )
        if "export_seconds" in notes:
            lines.append(
                f"- {row['title']}: besides, {notes['read_seconds']:.1f} s to read and "
                f"{notes['export_seconds']:.1f} s to export; evaluated on the exported model, "
                "loading it included."
            )
    return "\n".join(lines)


def _spread(row: dict[str, Any], figures: Sequence[str]) -> str:
    """Returns the least and the greatest of what differs between runs, "" if nothing does."""
    spread = row["spread"]
    return ", ".join(
        f"{_HEADS[name]} {' to '.join(map(share, spread[name]))}"
        for name in figures
        if name in spread
    )


def _evaluator(figures: dict[str, Any]) -> str:
    return (
        f"{figures['rows_per_second']:,.0f} held-out ratings a second: {figures['rows']:,} of "
        f"{figures['users']:,} users in {figures['seconds']:.1f} s, with all metrics, slices and "
        f"bootstrap intervals; peak memory {figures['peak_bytes'] / 1e6:,.0f} MB."
    )


def index_latency(latency: dict[str, Any]) -> str:
    """Returns the table of catalogue sizes."""
    head = [
        "movies",
        "embeddings MB",
        "floor ms",
        "1 query ms",
        "times floor",
        "ms each of 32",
    ]
    body = [
        [
            f"{row['movies']:,}",
            f"{row['bytes'] / 1e6:,.1f}",
            f"{1e3 * row['floor_seconds']:.2f}",
            f"{1e3 * row['seconds_1']:.2f}",
            f"{row['seconds_1'] / row['floor_seconds']:.2f}",
            f"{1e3 * row['seconds_32'] / 32:.2f}",
        ]
        for row in latency["rows"]
    ]
    return table(head, body)


def _floor(latency: dict[str, Any]) -> str:
    return (
        f"Dimension {latency['dim']}, random embeddings. The floor is one read of all embeddings "
        f"at the measured {latency['bandwidth'] / 1e9:.1f} GB/s; embeddings that fit into a cache "
        "may be read faster than that."
    )


def _machine(machine: dict[str, Any]) -> str:
    return "\n".join(f"- {name.replace('_', ' ')}: {value}" for name, value in machine.items())


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Returns a table, numbers to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
