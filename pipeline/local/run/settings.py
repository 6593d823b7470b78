"""The settings of a run as the command line gives them, and the list of all, for a person."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from pipeline.config.settings import PipelineConfig, describe_settings, load_config


def read_settings(arguments: argparse.Namespace) -> PipelineConfig:
    """Returns the settings that the options make.

    Raises:
        ConfigError: Where one is not valid.
    """
    extra = []
    if arguments.split:
        extra.append(f"split.method={arguments.split}")
    if arguments.beam_args:
        extra.append(f"beam.args={arguments.beam_args!r}")
    if arguments.tune is not None:
        extra.append(f"tuner.trials={arguments.tune}")
    return load_config(arguments.preset, arguments.config, [*arguments.assignments, *extra])


def print_settings() -> int:
    """Prints every setting with its default and meaning; returns the exit code."""
    table = Table("setting", "default", "meaning", box=None, pad_edge=False)
    for name, default, description in describe_settings():
        table.add_row(name, str(default), description)
    Console().print(table)
    return 0
