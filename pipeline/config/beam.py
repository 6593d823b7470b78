"""Settings of the engine that runs the Beam jobs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.config import Section

Runner = Literal["in_process", "processes", "portable", "flink", "spark", "dataflow"]
Environment = Literal["", "external", "docker", "process", "loopback"]


class BeamConfig(Section):
    """Which engine runs the Beam jobs of ExampleGen, StatisticsGen, Transform and Evaluator."""

    runner: Runner = Field(
        "in_process",
        description="Engine: in_process, processes (several on this machine), portable (a job "
        "server: Prism, Flink, Spark), flink, spark (submitted without a job server) or dataflow.",
    )
    workers: int = Field(
        0,
        ge=0,
        le=100_000,
        description="processes: their number; flink: its parallelism; portable, spark: SDK "
        "processes on each node; dataflow: workers at most. 0: one for each core, or the "
        "engine's own number.",
    )
    job_endpoint: str = Field("", description="portable: HOST:PORT of the job server.")
    environment: Environment = Field(
        "",
        description="portable, flink, spark: where our code runs: external (a pool of SDK "
        "workers), docker (containers of an image), process (a command on the engine's nodes) or "
        "loopback (the run's own process; to try a job server).",
    )
    environment_config: str = Field(
        "",
        description="external: HOST:PORT of the pool, as the engine's nodes see it; docker: the "
        "image; process: path of the command; dataflow: the image.",
    )
    master: str = Field(
        "", description="flink: HOST:PORT of the REST service; spark: URL of the REST service."
    )
    job_server_jar: str = Field(
        "", description="flink, spark: jar of Beam's job server; empty: Beam downloads it."
    )
    project: str = Field("", description="dataflow: project of Google Cloud.")
    region: str = Field("", description="dataflow: region, as europe-west4.")
    temp_location: str = Field(
        "", description="dataflow: folder of temporary files, as gs://bucket/tmp."
    )
    args: tuple[str, ...] = Field(
        (),
        description="More Beam options, after those of the settings above; with --runner=… among "
        "them they stand alone.",
    )
