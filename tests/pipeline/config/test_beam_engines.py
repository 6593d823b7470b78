"""Beam's options from the settings of the section `beam`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.errors import ConfigError
from pipeline.config.beam import BeamConfig
from pipeline.config.beam_engines import LOCAL_BEAM_ARGS, beam_args

POOL = {"environment": "external", "environment_config": "localhost:50000"}
DATAFLOW = {
    "runner": "dataflow",
    "project": "p",
    "region": "europe-west4",
    "temp_location": "gs://b/tmp",
    "environment_config": "registry.example/recommender:1",
}


def args(**settings: Any) -> list[str]:
    return beam_args(BeamConfig(**settings))


def options(**settings: Any) -> dict[str, str]:
    """Returns Beam's options by name; those that are switches have no value."""
    pairs = [text.removeprefix("--").partition("=") for text in args(**settings)]
    return {name: value for name, _, value in pairs}


def test_beam_args_of_the_defaults_run_in_memory() -> None:
    assert args() == list(LOCAL_BEAM_ARGS)


def test_beam_args_puts_further_options_behind() -> None:
    assert args(args=("--temp_location=/x",)) == [*LOCAL_BEAM_ARGS, "--temp_location=/x"]


@pytest.mark.parametrize("given", [("--runner=FlinkRunner", "--a=1"), ("--runner", "FlinkRunner")])
def test_beam_args_stand_alone_where_they_name_a_runner(given: tuple[str, ...]) -> None:
    assert args(args=given) == list(given)


def test_beam_args_of_processes() -> None:
    made = options(runner="processes", workers=3)
    assert made["direct_running_mode"] == "multi_processing"
    assert made["direct_num_workers"] == "3"


def test_beam_args_of_a_job_server_with_a_pool() -> None:
    made = options(runner="portable", job_endpoint="flink:8099", workers=2, **POOL)
    assert made["runner"] == "PortableRunner"
    assert made["job_endpoint"] == "flink:8099"
    assert made["environment_type"] == "EXTERNAL"
    assert made["environment_config"] == "localhost:50000"
    assert made["sdk_worker_parallelism"] == "2"


def test_beam_args_of_containers_name_the_image_where_tfx_sees_it() -> None:
    made = options(
        runner="portable", job_endpoint="h:1", environment="docker", environment_config="i:1"
    )
    assert made["environment_type"] == "DOCKER"
    assert made["sdk_container_image"] == "i:1"


def test_beam_args_of_a_command() -> None:
    made = options(
        runner="portable", job_endpoint="h:1", environment="process", environment_config="/boot"
    )
    assert json.loads(made["environment_config"]) == {"command": "/boot"}


def test_beam_args_of_flink_submit_one_jar() -> None:
    made = options(runner="flink", master="flink:8081", workers=4, job_server_jar="/j.jar", **POOL)
    assert made["flink_master"] == "flink:8081"
    assert made["flink_job_server_jar"] == "/j.jar"
    assert made["parallelism"] == "4"
    assert "flink_submit_uber_jar" in made


def test_beam_args_of_spark_submit_one_jar() -> None:
    made = options(runner="spark", master="http://spark:6066", **POOL)
    assert made["spark_rest_url"] == "http://spark:6066"
    assert "spark_submit_uber_jar" in made


def test_beam_args_of_dataflow() -> None:
    made = options(workers=8, **DATAFLOW)
    assert made["runner"] == "DataflowRunner"
    assert made["sdk_container_image"] == DATAFLOW["environment_config"]
    assert made["max_num_workers"] == "8"


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"runner": "processes", "workers": 2},
        {"runner": "portable", "job_endpoint": "h:1", "workers": 2, **POOL},
        {"runner": "flink", "master": "h:1", "workers": 2, "job_server_jar": "j.jar", **POOL},
        {"runner": "spark", "master": "http://h:1", "job_server_jar": "j.jar", **POOL},
        {"workers": 2, **DATAFLOW},
    ],
)
def test_beam_knows_every_option(settings: dict[str, Any]) -> None:
    from apache_beam.options.pipeline_options import PipelineOptions

    parsed = PipelineOptions(args(**settings))
    unknown = parsed.get_all_options(retain_unknown_options=True).keys()
    assert unknown == parsed.get_all_options().keys()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"workers": 3}, "beam.workers=3: beam.runner=in_process does not take it"),
        ({"job_endpoint": "h:1"}, "beam.job_endpoint='h:1': beam.runner=in_process does not"),
        ({"runner": "portable"}, "beam.job_endpoint: missing"),
        ({"runner": "portable", "job_endpoint": "h:1"}, "beam.environment: missing"),
        ({"runner": "portable", "job_endpoint": "h", **POOL}, "HOST:PORT, as localhost:8099"),
        ({"runner": "portable", "job_endpoint": "h:0", **POOL}, "HOST:PORT, as localhost:8099"),
        ({"runner": "portable", "job_endpoint": "h:65536", **POOL}, "HOST:PORT, as"),
        ({"runner": "portable", "job_endpoint": "h:1", "master": "h:1", **POOL}, "flink, spark do"),
        (
            {"runner": "portable", "job_endpoint": "h:1", "environment": "docker"},
            "beam.environment_config: missing; beam.environment=docker needs an image",
        ),
        (
            {
                "runner": "portable",
                "job_endpoint": "h:1",
                "environment": "external",
                "environment_config": "http://h",
            },
            "beam.environment=external needs HOST:PORT",
        ),
        (
            {
                "runner": "portable",
                "job_endpoint": "h:1",
                "environment": "loopback",
                "environment_config": "h:1",
            },
            "beam.environment=loopback takes none",
        ),
        ({"runner": "flink", **POOL}, "beam.master: missing"),
        ({"runner": "flink", "master": "[local]", **POOL}, "HOST:PORT of Flink's REST service"),
        ({"runner": "spark", "master": "spark://h:7077", **POOL}, "URL of Spark's REST service"),
        (
            {"runner": "flink", "master": "h:1", "job_server_jar": "x", **POOL},
            "beam.job_server_jar='x': accepted: *.jar",
        ),
        ({**DATAFLOW, "temp_location": "/tmp"}, "accepted: gs://BUCKET/FOLDER"),
        ({**DATAFLOW, "environment_config": ""}, "beam.environment_config: missing"),
        ({**DATAFLOW, "environment": "docker"}, "beam.runner=dataflow does not take it"),
        ({"workers": 2, "args": ("--runner=FlinkRunner",)}, "beam.workers: beam.args names"),
        ({"runner": "processes", "args": ("--runner=x",)}, "beam.runner: beam.args names"),
    ],
)
def test_beam_args_refuses_in_one_line(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=r"^beam\.") as caught:
        args(**settings)
    assert told in str(caught.value)
    assert str(caught.value).isprintable()
