"""The command that serves the live model over HTTP, with a page for people."""

from __future__ import annotations

import argparse
import contextlib
import os
from functools import partial
from pathlib import Path
from typing import Any

from components.contracts.metric_names import POPULARITY, UNSEEN, accuracy
from components.errors import ConfigError
from components.served_versions.versions import find_live
from pipeline.argument_types import whole_number
from pipeline.config.settings import load_config
from pipeline.local.process.logs import captured
from pipeline.local.workspace.versions import Version, list_versions
from pipeline.local.workspace.workspace import Workspace
from pipeline.terminal import Screen, print_line
from serving.config import ServingConfig

NAME = "serve"
HELP = "serve the live model over HTTP, with a page"
_FIGURES = {"top 10": 10, "top 100": 100}
_STANDARD_OUTPUT = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own options."""
    add = parser.add_argument
    add("--host", metavar="ADDRESS", help="address to listen on; short for --set serving.host=…")
    add(
        "--port",
        type=whole_number(0, 65535),
        metavar="N",
        help="port, 0 for a free one; short for --set serving.port=…",
    )
    add("--config", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="as for a run")
    add(
        "--set",
        action="append",
        default=argparse.SUPPRESS,
        metavar="SECTION.KEY=VALUE",
        dest="assignments",
        help="one setting, as in serving.batch_window_ms=1; may be repeated",
    )
    add("--wait", action="store_true", help="start without a model and wait for the first push")


def run(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Carries out the command; returns the exit code."""
    config = read_config(arguments)
    if not arguments.wait and find_live(workspace.serving) is None:
        raise ConfigError(f"serve: nothing is live in {workspace.serving}; run first")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    log = workspace.log.with_name(f"{workspace.name}-serve.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with captured(log, verbose=False) as terminal:
        access_log = _access_log(workspace, config)
        console = Screen(file=terminal)
        with contextlib.ExitStack() as loading:
            loading.enter_context(console.waiting("Loading TensorFlow and the model …"))
            from serving.app import Site
            from serving.serve import serve

            def ready(address: str, version: str) -> None:
                loading.close()
                _print_ready(console, workspace.name, address, version, access_log)

            describe = partial(_describe, workspace)
            site = Site(workspace.name, workspace.serving, describe, workspace.report)
            serve(site, config, access_log or terminal, ready, arguments.wait)
        print_line(console, "stopped: what was accepted has been answered")
    return 0


def _print_ready(
    console: Screen, name: str, address: str, version: str, access_log: Path | None
) -> None:
    what = f"version {version}" if version else "nothing yet, waiting for the first push"
    print_line(console, f"Serving {name}: {what}", "bold green")
    print_line(console, f"Page: {address}/")
    print_line(console, f"API:  {address}/docs")
    if access_log is not None:
        print_line(console, f"Log:  {access_log}")


def read_config(arguments: argparse.Namespace) -> ServingConfig:
    """Returns the section `serving` of the settings.

    Raises:
        ConfigError: One of them is not valid.
    """
    given = {"serving.host": arguments.host, "serving.port": arguments.port}
    short = [f"{key}={value}" for key, value in given.items() if value is not None]
    settings = [*arguments.assignments, *short]
    return load_config(arguments.preset, arguments.config, settings).serving


def _access_log(workspace: Workspace, config: ServingConfig) -> Path | None:
    """Returns the file of the access log; None for standard output."""
    if config.access_log == _STANDARD_OUTPUT:
        return None
    default = workspace.log.with_name(f"{workspace.name}-access.log")
    return Path(config.access_log) if config.access_log else default


def _describe(workspace: Workspace, name: str) -> dict[str, Any]:
    """Returns the facts of a version: when it was pushed, and its figures."""
    version = next((one for one in list_versions(workspace) if one.name == name), None)
    facts = version.as_dict() if version else {}
    return {
        **{key: facts.get(key) for key in ("pushed", "copy_of", "reason")},
        "figures": figures(version) if version else [],
        "has_report": workspace.report.is_file(),
    }


def figures(version: Version) -> list[dict[str, Any]]:
    """Returns the accuracies of a version beside those of the most popular movies."""
    metrics = version.as_dict()["metrics"]
    rows = []
    for label, k in _FIGURES.items():
        names = accuracy(k, UNSEEN), accuracy(k, UNSEEN + POPULARITY)
        if all(name in metrics for name in names):
            model, popularity = (metrics[name] for name in names)
            rows.append({"name": label, "model": model, "popularity": popularity})
    return rows
