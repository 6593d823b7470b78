"""Counts what is answered while versions are pushed one after the other, and one is rolled back.

    python -m benchmarks.swaps --output-root runs [--pushes 20]

The live model is copied to an output root of its own and served from there, and asked at a steady
rate (steady_load.py). Each push is one more copy of it; the rollback is the command of
local_runner.py. The next push begins when the last one answers.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.serving import RATE, counted, live_model, runner_line, serving
from benchmarks.steady_load import steady_load
from components.served_versions.publish import publish
from components.served_versions.versions import all_versions, find_live

_SWAP_SECONDS = 120.0
_PART_SECONDS = 2.0


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Serves, pushes and asks; returns the counts."""
    live = live_model(arguments)
    user = (live / "assets" / "user_id").read_text(encoding="utf-8").split("\n", 1)[0]
    with tempfile.TemporaryDirectory() as folder:
        own = argparse.Namespace(
            output_root=Path(folder) / "runs",
            pipeline_name=arguments.pipeline_name,
            assignments=arguments.assignments,
        )
        versions = own.output_root / "serving_model" / own.pipeline_name
        model = Path(folder) / "model"
        shutil.copytree(live, model)
        publish(model, versions)
        with serving(own) as (address, process), ThreadPoolExecutor(1) as pool:
            done = threading.Event()
            asking = pool.submit(ask, f"{address}/users/{user}/recommendations?k=10", done)
            try:
                memory = [push(model, versions, number, address, process)
                          for number in range(arguments.pushes)]  # fmt: skip
                roll_back(own, versions, address)
            finally:
                done.set()
            answers = asking.result()
        pushed = {path.name for _, path in all_versions(versions)}
    return {
        **counted(answers["seconds"], answers["status"]),
        "versions": len(pushed),
        "versions_that_answered": len(pushed.intersection(answers["version"])),
        "memory_mb": memory,
    }


def ask(url: str, done: threading.Event) -> dict[str, list]:
    """Asks at the steady rate until the event is set; returns all answers."""
    answers: dict[str, list] = {}
    while not done.is_set():
        for name, values in steady_load(url, _PART_SECONDS, RATE).items():
            answers.setdefault(name, []).extend(values)
    return answers


def push(model: Path, versions: Path, number: int, address: str, process: int) -> float:
    """Pushes a copy and waits until it answers; returns the server's anonymous memory in MB."""
    (model / "assets.extra").mkdir(exist_ok=True)
    (model / "assets.extra" / "push").write_text(f"{number}\n", encoding="utf-8")
    wait_for(publish(model, versions)[0], address)
    return machine.kilobytes("RssAnon", process) / 1000


def roll_back(own: argparse.Namespace, versions: Path, address: str) -> None:
    """Rolls back by the command of a person, and waits until the new version answers."""
    line = runner_line(own, "rollback", "--reason", "benchmark")
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
    live = find_live(versions)
    assert live is not None
    wait_for(live[0], address)


def wait_for(version: str, address: str) -> None:
    """Waits until the server answers with this version."""
    end = time.monotonic() + _SWAP_SECONDS
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{address}/readyz", timeout=_SWAP_SECONDS) as response:
            if json.load(response)["version"] == version:
                return
        time.sleep(0.05)
    raise SystemExit(f"benchmarks.swaps: version {version} is not served after {_SWAP_SECONDS} s")


def sentence(figures: dict[str, Any]) -> str:
    """Returns the figures in words."""
    memory = figures["memory_mb"]
    return (
        f"{figures['requests']:,} requests at {RATE}/s, {figures['not_200']} not answered by 200; "
        f"{figures['versions_that_answered']} of {figures['versions']} versions answered; "
        f"p50 {figures['p50_ms']:.1f} ms, p99 {figures['p99_ms']:.0f} ms, "
        f"greatest {figures['max_ms']:.0f} ms; memory {min(memory):,.0f} to {max(memory):,.0f} MB"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and prints the sentence."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--output-root", type=Path, default=Path("runs"))
    add("--pipeline-name", default="movielens")
    add("--pushes", type=int, default=20)
    add("--set", action="append", default=[], dest="assignments", help="a setting of the server")
    print(sentence(measure(parser.parse_args(argv))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
