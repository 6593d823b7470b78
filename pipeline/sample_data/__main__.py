"""Writes a generated data set: invented movies, and users with planted tastes."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.sample_data.generate import SampleSpec, write_spec


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes a data set as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.sample_data", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, help="folder to write; its content is replaced")
    for field in dataclasses.fields(SampleSpec):
        kind = float if field.name == "unrated_share" else int
        option = f"--{field.name.replace('_', '-')}"
        parser.add_argument(
            option, type=kind, default=field.default, help=f"default {field.default}"
        )
    options = vars(parser.parse_args(arguments))
    folder = options.pop("folder")
    try:
        spec = SampleSpec(**options)
    except ValueError as error:
        parser.error(str(error))
    write_spec(folder, spec)
    print(f"{spec.ratings:,} ratings of {spec.users:,} users, {spec.movies:,} movies: {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
