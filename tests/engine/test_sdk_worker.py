"""What the image is started with by an engine gives a worker that does the engine's work."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from pipeline.config.beam import BeamConfig
from pipeline.config.beam_engines import beam_args
from tests.engine.pools import PROJECT
from tests.engine.prism import job_server

pytestmark = pytest.mark.engine


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    """The image's `boot`, and a note for each worker that it started."""
    script = tmp_path / "boot"
    run = shlex.join([sys.executable, "-m", "pipeline.sdk_worker"])
    script.write_text(
        f"#!/bin/sh\necho started >> {shlex.quote(str(tmp_path / 'workers'))}\n"
        f'cd {shlex.quote(str(PROJECT))} && exec {run} "$@"\n'
    )
    script.chmod(0o755)
    return script


def test_boot_starts_a_worker_for_an_engine(tmp_path: Path, boot: Path) -> None:
    with job_server(tmp_path / "prism") as endpoint:
        config = BeamConfig(
            runner="portable",
            job_endpoint=endpoint,
            environment="process",
            environment_config=str(boot),
        )
        with beam.Pipeline(options=PipelineOptions(beam_args(config))) as pipeline:
            doubled = pipeline | beam.Create([1, 2, 3]) | beam.Map(lambda number: 2 * number)
            assert_that(doubled, equal_to([2, 4, 6]))
    assert (tmp_path / "workers").read_text() == "started\n"
