"""Trains on the artifacts of a run outside of the pipeline: one of several workers, or alone.

Each worker is started by `python -m components.trainer.worker` with the same options and with its
own TF_CONFIG (docs/scale.md); the chief, or else the first worker, exports.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from components.config import key_of
from components.errors import ConfigError, DataError, StatedError, shown
from components.tensorflow_settings import prepare_tensorflow
from components.trainer.config import TrainerSettings


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="components.trainer.worker", description=(__doc__ or "").splitlines()[0]
    )
    add = parser.add_argument
    add("--examples", type=Path, required=True, help="folder of the user Examples, Split-train")
    add("--movies", type=Path, required=True, help="folder of the movie Examples, Split-movies")
    add("--transform-graph", type=Path, required=True, help="folder that Transform wrote")
    add("--model", type=Path, required=True, help="where the SavedModel goes")
    add("--run", type=Path, required=True, help="folder of history.json and logs")
    add("--config", type=Path, help="JSON file with settings of the section trainer")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Trains; returns the exit code."""
    prepare_tensorflow()
    arguments = build_parser().parse_args(argv)
    try:
        config = read_config(arguments.config)
        examples, movies = record_files(arguments.examples), record_files(arguments.movies)
        from components.trainer.train import train

        train(
            examples,
            movies,
            str(arguments.transform_graph),
            str(arguments.model),
            str(arguments.run),
            config,
            tf_config=os.environ.get("TF_CONFIG"),
        )
    except StatedError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        # A lost worker leaves threads behind that wait for it: nothing may wait for them.
        os._exit(error.exit_code)
    return 0


def read_config(path: Path | None) -> TrainerSettings:
    """Reads the settings.

    Raises:
        ConfigError: The file cannot be read, or a setting is unknown or wrong.
    """
    try:
        values = json.loads(path.read_text() if path else "{}")
        return TrainerSettings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = key_of(first["loc"], values)
        raise ConfigError(f"--config: {where}: {first['msg']}") from error
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"--config: {shown(path)} holds no settings as JSON: {error}") from error


def record_files(folder: Path) -> list[str]:
    """Returns the files of Examples in a folder, in order.

    Raises:
        DataError: There is none.
    """
    files = sorted(map(str, folder.glob("*.gz")))
    if not files:
        raise DataError(f"{folder}: no files of Examples (*.gz)")
    return files


if __name__ == "__main__":
    sys.exit(main())
