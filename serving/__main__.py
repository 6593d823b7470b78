"""Serves a folder of versions without the rest of the project: what a container runs.

python -m serving --versions /models/movielens --name movielens --set host=0.0.0.0
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from components.config import key_of
from components.errors import ConfigError, UserError, shown
from serving.config import ServingConfig


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m serving", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add(
        "--versions",
        required=True,
        type=Path,
        metavar="DIR",
        help="folder of versions, one folder for each, in TensorFlow Serving's layout",
    )
    add("--name", required=True, metavar="NAME", help="name of the model in addresses")
    add("--wait", action="store_true", help="start without a model and wait for the first push")
    add(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="assignments",
        help="one setting of the section serving, as in host=0.0.0.0; may be repeated",
    )
    return parser


def read_config(assignments: Sequence[str]) -> ServingConfig:
    """Returns the settings.

    Raises:
        ConfigError: One of them is not valid.
    """
    given: dict[str, Any] = {}
    for text in assignments:
        key, equals, value = text.partition("=")
        if not equals or key not in ServingConfig.model_fields:
            known = ", ".join(ServingConfig.model_fields)
            raise ConfigError(f"--set: {shown(text)} is not KEY=VALUE; keys are {known}")
        given[key] = value.split(",") if key == "cors_origins" else value
    try:
        return ServingConfig.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = shown(key_of(first["loc"], given), quote=False)
        raise ConfigError(f"--set: {where}={shown(first['input'])}: {first['msg']}") from error


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until a signal comes; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        config = read_config(arguments.assignments)
        from serving.app import Site
        from serving.serve import serve

        def ready(address: str, version: str) -> None:
            print(f"serving {arguments.name}, version {version or 'none yet'}, on {address}")
            sys.stdout.flush()

        log = config.access_log
        target = Path(log) if log and log != "-" else sys.stdout
        serve(Site(arguments.name, arguments.versions), config, target, ready, arguments.wait)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
