"""The measurements as text in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.protocols import PROTOCOLS
from benchmarks.scale.growth import exponents
from benchmarks.scale.peers import IN_BATCH, OURS, PEERS
from benchmarks.tables import DASH, share, table

BEGIN = "<!-- written by make bench-scale: begin -->"
END = "<!-- written by make bench-scale: end -->"
_OTHER = "imports, start and end"
_LEAST_SECONDS = 0.05  # what would be 0.0 at every size is left out


def document(results: dict[str, Any]) -> str:
    """Returns the page of results.

    Args:
        results: What benchmarks/scale/__main__.py gathered, as in the JSON file.
    """
    return f"# The pipeline and its peers by size of the data\n\n{section(results)}\n"


def section(results: dict[str, Any], picture: str = "scale.png") -> str:
    """Returns the tables with what has to be said of them.

    Args:
        results: As `document` takes it.
        picture: Address of the plot, relative to the page.
    """
    machine = results["machine"]
    hardware = f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_GiB']} GiB"
    versions = f"TFX {machine.get('tfx')}, TensorFlow {machine.get('tensorflow')}"
    parts = [
        f"`{results['command']}`, {results['date']}; {hardware}; {versions}.",
        "Data and what was chosen:",
        _chosen(results["sizes"]),
        "Seconds of a cold run, default preset; then the exponent p of seconds ~ ratings^p:",
        cost(results["sizes"]),
        _statuses(results["sizes"]),
        f"![seconds, quality and memory by size]({picture})",
        f"The same split, {results['users']:,} users of eval at most, selected by a hash:",
        peers(results["sizes"]),
        _legend(results["sizes"]),
    ]
    return "\n\n".join(part for part in parts if part)


def _chosen(sizes: Sequence[dict[str, Any]]) -> str:
    head = ["ratings", "users", "movies", "chosen"]
    body = [
        [
            size["name"],
            f"{size['users']:,}",
            f"{size['movies']:,}",
            named(size["run"]["training"].get("chosen", {})) or DASH,
        ]
        for size in sizes
    ]
    return table(head, body)


def named(values: dict[str, Any]) -> str:
    """Returns `a 1, b 2`."""
    return ", ".join(f"{name} {value}" for name, value in values.items())


def costs(sizes: Sequence[dict[str, Any]]) -> dict[str, list[float | None]]:
    """Returns the seconds of each component and phase at each size, in their order, and the whole.

    The phases of the Trainer follow it, as `Trainer: fit`; a component that a run did not have is
    None there.
    """
    runs = [size["run"] for size in sizes]
    parts = [_parts(run) for run in runs]
    names = list(dict.fromkeys(name for part in parts for name in part))
    rows: dict[str, list[float | None]] = {
        name: [part.get(name) for part in parts] for name in names
    }
    rows[_OTHER] = [run["seconds"] - sum(run["components"].values()) for run in runs]
    rows["whole run"] = [run["seconds"] for run in runs]
    return rows


def _parts(run: dict[str, Any]) -> dict[str, float]:
    parts = {}
    for component, seconds in run["components"].items():
        parts[component] = seconds
        if component == "Trainer":
            phases = run["training"].get("seconds", {})
            parts |= {f"Trainer: {name}": value for name, value in phases.items()}
    return parts


def cost(sizes: Sequence[dict[str, Any]]) -> str:
    """Returns the table of seconds and peak memory, with exponents of growth.

    Components that take no time at any size are left out.
    """
    names, ratings = [size["name"] for size in sizes], [size["ratings"] for size in sizes]
    steps = [f"p {low}–{high}" for low, high in pairwise(names)]
    steps += [f"p {names[0]}–{names[-1]}"] if len(names) > 2 else []
    body = [
        _cost_row(name, values, ratings, lambda value: f"{value:.1f}")
        for name, values in costs(sizes).items()
        if any(value is None or value >= _LEAST_SECONDS for value in values)
    ]
    memory = [size["run"]["peak_bytes"] for size in sizes]
    body.append(_cost_row("peak memory, GiB", memory, ratings, lambda v: f"{v / 2**30:.2f}"))
    return table(["", *names, *steps], body)


def _cost_row(
    name: str,
    values: Sequence[float | None],
    ratings: Sequence[int],
    show: Callable[[float], str],
) -> list[str]:
    cells = [DASH if value is None else show(value) for value in values]
    growth = [DASH if p is None else f"{p:.2f}" for p in exponents(values, ratings)]
    return [name, *cells, *growth]


def _statuses(sizes: Sequence[dict[str, Any]]) -> str:
    told = [f"{size['name']}: {size['run']['status']}" for size in sizes]
    notes = [
        f"{size['name']}: {note}." for size in sizes for note in size["run"]["training"]["notes"]
    ]
    return " ".join([f"How the runs ended: {', '.join(told)}.", *notes])


def peers(sizes: Sequence[dict[str, Any]]) -> str:
    """Returns the table of the peers, size by size."""
    head = ["", "top 10", "top 100", "unseen 10", "unseen 100", "fit s", "eval s", "memory GiB"]
    body = [_peer_row(size, row) for size in sizes for row in size["peers"]]
    return table(head, body)


def _peer_row(size: dict[str, Any], row: dict[str, Any]) -> list[str]:
    title = f"{size['name']}: {PEERS[row['peer']].title}"
    if "left_out" in row:
        return [f"{title}: {row['left_out']}", *[DASH] * 7]
    ours = row["peer"] == OURS
    fit = size["run"]["training"]["seconds"]["fit"] if ours else row["fit_seconds"]
    memory = size["run"]["peak_bytes"] if ours else row["peak_bytes"]
    return [
        title,
        *(share(row["figures"][name]) for name in PROTOCOLS["random"].figures),
        f"{fit:.1f}",
        f"{row['evaluation_seconds']:.1f}",
        f"{memory / 2**30:.2f}",
    ]


def _legend(sizes: Sequence[dict[str, Any]]) -> str:
    """Says what the columns of the peers' table are, and which settings were chosen."""
    lines = [
        "Share of held-out ratings whose movie is in the user's top k of all movies; unseen: with "
        "the user's train movies removed. fit: training alone, with the chosen setting; memory: "
        "the most that the process had; ours: of the whole run, its largest process. Settings of "
        "the peers are chosen by unseen top-100 on a validation part of train:"
    ]
    for size in sizes:
        chosen = [
            f"{PEERS[row['peer']].title}: {_setting(row['peer'])} {row['notes']['value']:g} of "
            + ", ".join(row["notes"]["validation"])
            for row in size["peers"]
            if "value" in row.get("notes", {})
        ]
        if chosen:
            lines.append(f"- {size['name']}: {'; '.join(chosen)}.")
    return "\n".join(lines)


def _setting(peer: str) -> str:
    return "learning rate" if peer == IN_BATCH else "λ"


def replaced(page: str, text: str) -> str:
    """Returns a page with what is between the markers replaced.

    Raises:
        ValueError: The page has not both markers, in their order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"
