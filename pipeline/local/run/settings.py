"""The settings of a run, from the options of the command line."""

from __future__ import annotations

import argparse
import json

from pipeline.config.settings import PipelineConfig, load_config
from pipeline.local.run.data_root import file_settings


def read_settings(arguments: argparse.Namespace) -> PipelineConfig:
    """Returns the settings of the run.

    Raises:
        ConfigError: One of them is not valid.
    """
    extra = file_settings(arguments)
    if arguments.split:
        extra.append(f"split.method={arguments.split}")
    if arguments.beam_args:
        extra.append(f"beam.args={json.dumps(arguments.beam_args)}")
    if arguments.tune is not None:
        extra.append(f"tuner.trials={arguments.tune}")
    return load_config(arguments.preset, arguments.config, [*arguments.assignments, *extra])
