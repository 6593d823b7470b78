"""Measures the server: latency at a steady rate, throughput when saturated, memory over a soak.

    python -m benchmarks.serving --output-root runs [--soak-minutes 10]

The saturating load comes from `hey` (apt-get install hey), the steady one, evenly spaced, from
steady_load.py; both on the same machine. The floor is a call of the
same signature in a process of its own, without a server. Writes serving.json, serving.md and
serving.png.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.steady_load import steady_load
from components.contracts.saved_model import SERVING_DEFAULT
from components.served_versions.versions import find_live

RESULTS = Path(__file__).parent / "results"
RATE, CONNECTIONS, BATCH = 200, 8, 64
_START_SECONDS = 120.0
_FLOOR = """
import json, sys, time
import numpy as np, tensorflow as tf
model, users, rows, calls = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
call = tf.saved_model.load(model).signatures["serving_default"]
times = []
for turn in range(calls + 10):
    ids = [users[(turn * rows + row) % len(users)] for row in range(rows)]
    start = time.perf_counter()
    for tensor in call(user_id=tf.constant(ids)).values():
        tensor.numpy()
    times.append(time.perf_counter() - start)
print(json.dumps(times[10:]))
"""


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Returns p50, p90, p99 and the greatest of times, in milliseconds."""
    values = 1000 * np.asarray(seconds)
    p50, p90, p99 = np.percentile(values, [50, 90, 99])
    return {"p50_ms": p50, "p90_ms": p90, "p99_ms": p99, "max_ms": values.max()}


def counted(seconds: Sequence[float], statuses: Sequence[str]) -> dict[str, Any]:
    """Returns the quantiles of answers, how many there are, and how many of them are not 200."""
    return {
        **quantiles(seconds),
        "requests": len(statuses),
        "not_200": sum(status != "200" for status in statuses),
    }


def live_model(arguments: argparse.Namespace) -> Path:
    """Returns the version that the server will serve."""
    live = find_live(arguments.output_root / "serving_model" / arguments.pipeline_name)
    if live is None:
        raise SystemExit(f"benchmarks: nothing is live in {arguments.output_root}")
    return live[1]


def runner_line(arguments: argparse.Namespace, *words: str) -> list[str]:
    """Returns a command line of local_runner.py for the output root that is measured."""
    roots = ["--output-root", str(arguments.output_root)]
    name = ["--pipeline-name", arguments.pipeline_name]
    return [sys.executable, "local_runner.py", *roots, *name, *words]


@contextmanager
def serving(arguments: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """Runs the server; yields its address and process id."""
    line = runner_line(arguments, "serve", "--port", "0")
    for text in arguments.assignments:
        line += ["--set", text]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for text in process.stdout:
            if match := re.search(r"Page: (http://\S+)/", text):
                yield match[1], process.pid
                return
        raise SystemExit("benchmarks.serving: the server did not start")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_START_SECONDS)


def load(url: str, seconds: float, body: Path | None = None) -> dict[str, Any]:
    """Sends as many requests as are answered, with hey; returns quantiles, rate and statuses.

    Args:
        url: Where to.
        seconds: How long.
        body: File of a JSON body, which makes it a POST.
    """
    line = ["hey", "-o", "csv", "-z", f"{seconds:g}s", "-c", str(CONNECTIONS)]
    line += ["-m", "POST", "-D", str(body)] if body else []
    start = time.monotonic()
    printed = subprocess.run([*line, url], capture_output=True, text=True, check=True).stdout
    rows = list(csv.DictReader(io.StringIO(printed)))
    seconds_each = [float(row["response-time"]) for row in rows]
    return {
        **counted(seconds_each, [row["status-code"] for row in rows]),
        "per_second": len(rows) / (time.monotonic() - start),
    }


def steady(url: str, seconds: float) -> dict[str, Any]:
    """Sends requests at the steady rate, evenly spaced; returns what `load` returns."""
    start = time.monotonic()
    answers = steady_load(url, seconds, RATE)
    return {
        **counted(answers["seconds"], answers["status"]),
        "per_second": len(answers["status"]) / (time.monotonic() - start),
    }


def floor(model: Path, users: list[str], rows: int, calls: int) -> dict[str, Any]:
    """Measures plain calls of the signature in a process of its own."""
    line = [sys.executable, "-c", _FLOOR, str(model), json.dumps(users), str(rows), str(calls)]
    printed = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    times = json.loads(printed.splitlines()[-1])
    return {**quantiles(times), "requests": len(times), "per_second": len(times) / sum(times)}


def soak(address: str, process: int, user: str, minutes: float) -> dict[str, Any]:
    """Loads the server at the steady rate; returns its memory once in five seconds, in MB."""
    memory: list[float] = []
    end = time.monotonic() + 60 * minutes
    result: dict[str, Any] = {"not_200": 0, "requests": 0}
    while time.monotonic() < end:
        part = steady(f"{address}/users/{user}/recommendations?k=10", 5)
        result["requests"] += part["requests"]
        result["not_200"] += part["not_200"]
        memory.append(machine.kilobytes("VmRSS", process) / 1000)
    return {**result, "memory_mb": memory}


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Runs all parts; returns the figures."""
    model = live_model(arguments)
    users = (model / "assets" / "user_id").read_text(encoding="utf-8").splitlines()[:500]
    seconds = arguments.seconds
    figures: dict[str, Any] = {
        "machine": machine.describe(),
        "rows_per_batch": BATCH,
        "floor_one": floor(model, users, 1, 500),
        "floor_batch": floor(model, users, BATCH, 100),
    }
    with serving(arguments) as (address, process), tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "body.json"
        instances = [users[row % len(users)] for row in range(BATCH)]
        body.write_text(json.dumps({"instances": instances}), encoding="utf-8")
        one = f"{address}/users/{users[0]}/recommendations?k=10"
        predict = f"{address}/v1/models/{arguments.pipeline_name}:predict"
        steady(one, 2)  # warms up
        figures["steady"] = steady(one, seconds)
        figures["saturated_one"] = load(one, seconds)
        figures["saturated_batch"] = load(predict, seconds, body)
        if arguments.soak_minutes:
            figures["soak"] = soak(address, process, users[0], arguments.soak_minutes)
    return figures


def table(figures: dict[str, Any]) -> str:
    """Returns the figures as a Markdown table."""
    rows = figures["rows_per_batch"]
    parts = (
        ("floor_one", f"plain `{SERVING_DEFAULT}`, one user, no server", 1),
        ("steady", f"server, {RATE} requests/s, one user each", 1),
        ("saturated_one", "server, saturated, one user each", 1),
        ("floor_batch", f"plain `{SERVING_DEFAULT}`, {rows} users, no server", rows),
        ("saturated_batch", f"server, saturated, `:predict` of {rows} users", rows),
    )
    lines = [
        "| | p50, ms | p99, ms | requests/s | users/s | not 200 |",
        "|---|---|---|---|---|---|",
    ]
    for key, title, users in parts:
        part = figures[key]
        lines.append(
            f"| {title} | {part['p50_ms']:.1f} | {part['p99_ms']:.1f} "
            f"| {part['per_second']:,.0f} | {users * part['per_second']:,.0f} "
            f"| {part.get('not_200', '–')} |"
        )
    if soaked := figures.get("soak"):
        memory = soaked["memory_mb"]
        lines.append(
            f"\nSoak: {soaked['requests']:,} requests in {len(memory) * 5 / 60:.0f} minutes, "
            f"{soaked['not_200']} not answered by 200; memory {memory[0]:,.0f} MB after the first "
            f"five seconds, {memory[-1]:,.0f} MB at the end, {max(memory):,.0f} MB at most."
        )
    return "\n".join(lines) + "\n"


def draw(figures: dict[str, Any], path: Path) -> None:
    """Draws the memory of the soak."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    memory = figures["soak"]["memory_mb"]
    figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
    axes.plot([5 * (point + 1) / 60 for point in range(len(memory))], memory, color="#c2410c")
    axes.set_ylim(0, 1.2 * max(memory))
    axes.set_xlabel("minutes")
    axes.set_title(f"memory of the server at {RATE} requests/s, MB", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and writes the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--output-root", type=Path, default=Path("runs"))
    add("--pipeline-name", default="movielens")
    add("--seconds", type=float, default=20.0, help="seconds of each part")
    add("--soak-minutes", type=float, default=0.0, help="minutes of the soak; 0: none")
    add("--set", action="append", default=[], dest="assignments", help="a setting of the server")
    add("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args(argv)
    if shutil.which("hey") is None:
        raise SystemExit("benchmarks.serving: hey is not installed: apt-get install hey")
    figures = measure(arguments)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "serving.json").write_text(json.dumps(figures, indent=2) + "\n")
    (arguments.results / "serving.md").write_text(table(figures), encoding="utf-8")
    if figures.get("soak"):
        draw(figures, arguments.results / "serving.png")
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
