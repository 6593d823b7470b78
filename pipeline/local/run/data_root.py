"""Which folder the data is read from: a given one, a published data set, or the sample."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from components.errors import ConfigError
from pipeline.datasets.cache import default_cache, ensure_dataset, find_cached
from pipeline.datasets.catalogue import BY_NAME
from pipeline.local.screen.download_view import DownloadView
from pipeline.local.screen.text import print_line


def add_data_arguments(parser: argparse.ArgumentParser, default: Any = None) -> None:
    """Adds --data-root, --data, --data-cache and --data-mirror.

    Args:
        parser: Parser of a run, or of a command that reads data.
        default: argparse.SUPPRESS for a command, so that options before it stay as they are.
    """
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--data-root",
        type=Path,
        default=default,
        metavar="DIR",
        help="folder of rating files in a MovieLens layout or plain CSV/Parquet "
        "(default: a generated sample)",
    )
    which.add_argument(
        "--data",
        choices=tuple(BY_NAME),
        default=default,
        metavar="NAME",
        help=f"MovieLens data, downloaded once from its publisher: {', '.join(BY_NAME)}",
    )
    parser.add_argument(
        "--data-cache",
        type=Path,
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
    if arguments.data:
        with DownloadView(console) as view:
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
    return find_cached(arguments.data, _cache(arguments)) if arguments.data else _sample(sample)


def _check_arguments(arguments: argparse.Namespace) -> None:
    if arguments.data and arguments.data_root is not None:
        raise ConfigError("--data and --data-root: give one of them")
    if not arguments.data and (arguments.data_cache or arguments.data_mirror):
        raise ConfigError("--data-cache and --data-mirror belong to --data NAME, which is missing")


def _cache(arguments: argparse.Namespace) -> Path:
    return arguments.data_cache or default_cache()


def _sample(folder: Path) -> Path:
    from pipeline.sample_data.generate import ensure_sample

    return Path(ensure_sample(folder)).absolute()
