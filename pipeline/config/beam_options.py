"""Beam's pipeline options, checked before a run: Beam itself complains in the first job only."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from components.errors import ConfigError, shown
from pipeline.config.beam import BeamConfig
from pipeline.config.beam_engines import beam_args
from pipeline.config.settings import nearest


def check_beam(config: BeamConfig) -> None:
    """Checks the section `beam`. With `beam.args` this takes the seconds that Beam's import takes.

    Options that Beam does not know are refused for its direct runners only: Flink, Spark and others
    have options of their own, which only their servers know.

    Raises:
        ConfigError: Settings of the section do not go together, or among `beam.args` there is an
            option or a runner that does not exist, or a value that its option does not take.
    """
    args = beam_args(config)
    if not config.args:
        return
    _check_form(config.args)
    printed = io.StringIO()
    with _kept_off_screen(printed):
        from apache_beam.options.pipeline_options import StandardOptions

        options = _parse(args, printed)
        runner = _runner(options.view_as(StandardOptions).runner)
        given = options.get_all_options(drop_default=True, retain_unknown_options=True)
        known = options.get_all_options()
    if "Direct" not in type(runner).__name__ and "FnApi" not in type(runner).__name__:
        return
    for name in given:
        if name not in known:
            near = nearest(f"--{name}", [f"--{one}" for one in known])
            raise ConfigError(f"beam.args: no option --{shown(name, quote=False)}{near}")


@contextlib.contextmanager
def _kept_off_screen(printed: io.StringIO) -> Iterator[None]:
    """Sends to `printed` what argparse and Beam print in the block.

    Beam's message about an option that it does not know sets logging up, with a handler that would
    stay: the run's log would lack all that Python logs.
    """
    handlers = list(logging.root.handlers)
    try:
        with contextlib.redirect_stderr(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for handler in set(logging.root.handlers).difference(handlers):
            logging.root.removeHandler(handler)


def _check_form(args: Sequence[str]) -> None:
    """Refuses words that are neither an option nor the value of the one before: Beam drops them."""
    takes_value = False
    for text in args:
        is_option = text.startswith("--") and len(text) > 2
        if not (is_option or (takes_value and text)):
            raise ConfigError(
                f"beam.args: {shown(text)} is no option; accepted: --OPTION=VALUE, as in "
                "--runner=FlinkRunner"
            )
        takes_value = is_option and "=" not in text


def _parse(args: Sequence[str], printed: io.StringIO) -> Any:
    """Returns the options; what argparse prints about a wrong one goes to `printed`."""
    from apache_beam.options.pipeline_options import PipelineOptions

    try:
        options = PipelineOptions(list(args))
        options.get_all_options()
    except SystemExit:
        problem = printed.getvalue().rpartition("error: ")[2].strip()
        raise ConfigError(f"beam.args: {shown(problem, 300, quote=False)}") from None
    return options


def _runner(name: str | None) -> Any:
    """Returns the runner of a name."""
    from apache_beam.runners.runner import create_runner

    try:
        return create_runner(name or "DirectRunner")
    except Exception as error:  # whatever the import of a module that the name names raises
        problem = shown(str(error), 500, quote=False)
        raise ConfigError(f"beam.args: runner {shown(name)}: {problem}") from error
