"""Which folder the data is read from: a given one, a published data set, or the sample."""

from __future__ import annotations

import argparse
import glob
import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console

from components.errors import ConfigError
from pipeline.argument_types import path
from pipeline.datasets.cache import default_cache, ensure_dataset, find_cached
from pipeline.datasets.catalogue import BY_NAME
from pipeline.local.screen.download_view import DownloadView
from pipeline.terminal import print_line

FILE_OPTIONS = {
    "ratings": "the interactions",
    "movies": "the movies, with their titles",
    "users": "the users, with their features",
}


def add_data_arguments(parser: argparse.ArgumentParser, default: Any = None) -> None:
    """Adds --data-root, --ratings, --movies, --users, --data, --data-cache and --data-mirror.

    Args:
        parser: Parser of a run, or of a command that reads data.
        default: argparse.SUPPRESS for a command, so that options before it stay as they are.
    """
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--data-root",
        type=path,
        default=default,
        metavar="DIR",
        help="folder of the data: MovieLens in any of its layouts, or any file with users and "
        "items (default: a generated sample)",
    )
    which.add_argument(
        "--data",
        choices=tuple(BY_NAME),
        default=default,
        metavar="NAME",
        help=f"MovieLens data, downloaded once from its publisher: {', '.join(BY_NAME)}",
    )
    for kind, what in FILE_OPTIONS.items():
        parser.add_argument(
            f"--{kind}",
            default=default,
            metavar="PATH",
            help=f"{what}: a file, a glob, or a folder of part files; short for data.{kind}",
        )
    parser.add_argument(
        "--data-cache",
        type=path,
        default=default,
        metavar="DIR",
        help="folder where --data keeps its data sets "
        "(default: two-tower-pipeline/datasets in $XDG_CACHE_HOME or ~/.cache)",
    )
    parser.add_argument(
        "--data-mirror",
        default=default,
        metavar="URL",
        help="address from which --data takes NAME.zip, in place of the publisher's",
    )


def resolve_data_root(arguments: argparse.Namespace, sample: Path, console: Console) -> Path:
    """Returns the data folder, which is downloaded or generated where it must be, and says which.

    Args:
        arguments: Those of `add_data_arguments`.
        sample: Folder of the generated sample, which is the default.
        console: Where to show what happens.

    Raises:
        ConfigError: The options contradict each other.
        DataError: The data set cannot be had.
    """
    _check_arguments(arguments)
    if arguments.data_root is not None:
        print_line(console, f"Data: {arguments.data_root}")
        return Path(arguments.data_root).absolute()
    if not arguments.data and arguments.ratings:
        print_line(console, f"Data: {arguments.ratings}")
        return _folder_of(arguments.ratings)
    if arguments.data:
        with closing(DownloadView(console)) as view:
            root = ensure_dataset(
                arguments.data, _cache(arguments), view, arguments.data_mirror or ""
            )
        print_line(console, f"Data: {arguments.data} in {root}")
        return root
    print_line(
        console,
        "Data: a generated sample (invented movies, planted tastes; not MovieLens); "
        "--data-root takes yours, --data ml-1m downloads MovieLens",
    )
    return _sample(sample)


def find_data_root(arguments: argparse.Namespace, sample: Path) -> Path | None:
    """Returns the data folder without a download; None where one would be needed.

    Raises:
        ConfigError: The options contradict each other.
    """
    _check_arguments(arguments)
    if arguments.data_root is not None:
        return Path(arguments.data_root).absolute()
    if not arguments.data and arguments.ratings:
        return _folder_of(arguments.ratings)
    return find_cached(arguments.data, _cache(arguments)) if arguments.data else _sample(sample)


def _check_arguments(arguments: argparse.Namespace) -> None:
    if arguments.data and arguments.data_root is not None:
        raise ConfigError("--data and --data-root: give one of them")
    if not arguments.data and (arguments.data_cache or arguments.data_mirror):
        raise ConfigError("--data-cache and --data-mirror belong to --data NAME, which is missing")


def file_settings(arguments: argparse.Namespace) -> list[str]:
    """Returns the settings for which --ratings, --movies and --users are short."""
    return [
        f"data.{kind}={json.dumps(path if '://' in path else os.path.abspath(path))}"
        for kind in FILE_OPTIONS
        if (path := getattr(arguments, kind))
    ]


def _folder_of(path: str) -> Path:
    """Returns the folder in which a file, a glob or a folder of part files lies."""
    folder = Path(path).absolute().parent
    while glob.has_magic(str(folder)) and not folder.is_dir():
        folder = folder.parent
    return folder


def _cache(arguments: argparse.Namespace) -> Path:
    return arguments.data_cache or default_cache()


def _sample(folder: Path) -> Path:
    from pipeline.sample_data.generate import ensure_sample

    return Path(ensure_sample(folder)).absolute()
