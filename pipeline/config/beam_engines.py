"""From the settings of the section `beam` to Beam's pipeline options; Beam is not imported."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from components.errors import ConfigError, shown
from pipeline.config.beam import BeamConfig

# The runner behind DirectRunner. That one first prepares the pipeline for another, Prism, which is
# half a second of a component; newer Beam would download it.
IN_MEMORY = "--runner=FnApiRunner"
# The name is never used as an image where this stands, but while one is given TFX does not package
# its own sources anew for every component: the workers have TFX.
NO_IMAGE = "--sdk_container_image=none"
DATAFLOW_RUNNER = "--runner=DataflowRunner"
LOCAL_BEAM_ARGS = (IN_MEMORY, NO_IMAGE)

_SCHEME = re.compile(r"^https?://")
# A host is a name, an IPv4 address or an IPv6 address in brackets.
_ADDRESS = re.compile(r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})")
_ENVIRONMENT_CONFIGS = {
    "external": "HOST:PORT of a pool of SDK workers, as localhost:50000",
    "docker": "an image",
    "process": "the path of a command on the engine's nodes",
}


@dataclass(frozen=True)
class Engine:
    """What an engine takes of the section's settings, beside `runner` and `args`.

    Attributes:
        needs: Settings that must be given.
        takes: Settings that may be given.
        options: Returns Beam's options.
    """

    options: Callable[[BeamConfig], list[str]]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


def _in_process(_: BeamConfig) -> list[str]:
    return list(LOCAL_BEAM_ARGS)


def _processes(config: BeamConfig) -> list[str]:
    return [
        "--runner=DirectRunner",
        "--direct_running_mode=multi_processing",
        f"--direct_num_workers={config.workers}",  # 0: one for each core
        NO_IMAGE,
    ]


def _portable(config: BeamConfig) -> list[str]:
    options = ["--runner=PortableRunner", f"--job_endpoint={config.job_endpoint}"]
    return options + _environment(config) + _per_node(config)


def _flink(config: BeamConfig) -> list[str]:
    options = ["--runner=FlinkRunner", f"--flink_master={config.master}"]
    options += ["--flink_submit_uber_jar", *_jar("flink", config), *_environment(config)]
    return options + ([f"--parallelism={config.workers}"] if config.workers else [])


def _spark(config: BeamConfig) -> list[str]:
    options = ["--runner=SparkRunner", f"--spark_rest_url={config.master}"]
    options += ["--spark_submit_uber_jar", *_jar("spark", config), *_environment(config)]
    return options + _per_node(config)


def _dataflow(config: BeamConfig) -> list[str]:
    options = [DATAFLOW_RUNNER]
    options += [f"--{name}={getattr(config, name)}" for name in _DATAFLOW]
    options += [f"--sdk_container_image={config.environment_config}"]
    return options + ([f"--max_num_workers={config.workers}"] if config.workers else [])


def _jar(engine: str, config: BeamConfig) -> list[str]:
    return [f"--{engine}_job_server_jar={config.job_server_jar}"] if config.job_server_jar else []


def _per_node(config: BeamConfig) -> list[str]:
    return [f"--sdk_worker_parallelism={config.workers}"] if config.workers else []


def _environment(config: BeamConfig) -> list[str]:
    """Returns the options that say where our code runs."""
    options = [f"--environment_type={config.environment.upper()}"]
    if config.environment == "process":
        command = json.dumps({"command": config.environment_config})
        return [*options, f"--environment_config={command}", NO_IMAGE]
    if config.environment == "docker":
        # In this place TFX sees it too, and does not package its sources.
        return [*options, f"--sdk_container_image={config.environment_config}"]
    if config.environment == "external":
        options.append(f"--environment_config={config.environment_config}")
    return [*options, NO_IMAGE]


_DATAFLOW = ("project", "region", "temp_location")
_SUBMITTED = ("master", "environment")
ENGINES = {
    "in_process": Engine(_in_process),
    "processes": Engine(_processes, takes=("workers",)),
    "portable": Engine(
        _portable,
        needs=("job_endpoint", "environment"),
        takes=("environment_config", "workers"),
    ),
    "flink": Engine(
        _flink, needs=_SUBMITTED, takes=("environment_config", "workers", "job_server_jar")
    ),
    "spark": Engine(
        _spark, needs=_SUBMITTED, takes=("environment_config", "workers", "job_server_jar")
    ),
    "dataflow": Engine(_dataflow, needs=(*_DATAFLOW, "environment_config"), takes=("workers",)),
}


def names_runner(args: Sequence[str]) -> bool:
    """Returns whether options of Beam name a runner."""
    return any(text == "--runner" or text.startswith("--runner=") for text in args)


def beam_args(config: BeamConfig) -> list[str]:
    """Returns Beam's pipeline options.

    Raises:
        ConfigError: A setting is missing, or given to an engine that does not take it.
    """
    given = config.model_dump(exclude={"runner", "args"}, exclude_defaults=True)
    if names_runner(config.args):
        if given or config.runner != "in_process":
            name = next(iter(given), "runner")
            raise ConfigError(
                f"beam.{name}: beam.args names a --runner and then stands alone; give either "
                "--runner in beam.args or the other settings of the section"
            )
        return list(config.args)
    engine = ENGINES[config.runner]
    _check(config, engine, given)
    return [*engine.options(config), *config.args]


def _check(config: BeamConfig, engine: Engine, given: dict[str, object]) -> None:
    """Refuses settings that are missing, or that would have no effect."""
    for name in engine.needs:
        if name not in given:
            raise ConfigError(
                f"beam.{name}: missing; beam.runner={config.runner} needs "
                f"{', '.join(f'beam.{one}' for one in engine.needs)}; --settings says what they are"
            )
    for name in given:
        if name not in (*engine.needs, *engine.takes):
            takers = [key for key, one in ENGINES.items() if name in (*one.needs, *one.takes)]
            raise ConfigError(
                f"beam.{name}={shown(given[name])}: beam.runner={config.runner} does not "
                f"take it; {', '.join(takers)} do"
            )
    _check_environment(config)
    _check_values(config)


def _check_environment(config: BeamConfig) -> None:
    """Refuses an environment that lacks what it needs, or is given what it does not take."""
    given = config.environment_config
    if config.environment == "loopback":
        if given:
            raise ConfigError(
                f"beam.environment_config={shown(given)}: beam.environment=loopback takes none"
            )
        return
    if config.environment and not given:
        what = _ENVIRONMENT_CONFIGS[config.environment]
        raise ConfigError(
            f"beam.environment_config: missing; beam.environment={config.environment} needs {what}"
        )
    if config.environment == "external" and not _is_address(given):
        raise ConfigError(
            f"beam.environment_config={shown(given)}: beam.environment=external needs "
            f"{_ENVIRONMENT_CONFIGS['external']}"
        )
    if given != given.strip() or not given.isprintable():
        what = "image" if config.environment in ("", "docker") else "command"
        raise ConfigError(f"beam.environment_config={shown(given)}: no {what}")


def _check_values(config: BeamConfig) -> None:
    """Refuses addresses that no engine takes."""
    if config.job_endpoint and not _is_address(config.job_endpoint):
        raise ConfigError(
            f"beam.job_endpoint={shown(config.job_endpoint)}: accepted: HOST:PORT, as "
            "localhost:8099"
        )
    if config.runner == "flink" and not _is_address(_SCHEME.sub("", config.master)):
        raise ConfigError(
            f"beam.master={shown(config.master)}: accepted: HOST:PORT of Flink's REST service, as "
            "flink-rest:8081, or its URL"
        )
    if config.runner == "spark" and not re.fullmatch(r"https?://[^\s/]+/?", config.master):
        raise ConfigError(
            f"beam.master={shown(config.master)}: accepted: the URL of Spark's REST service, as "
            "http://spark-master:6066"
        )
    if config.job_server_jar and not config.job_server_jar.endswith(".jar"):
        raise ConfigError(f"beam.job_server_jar={shown(config.job_server_jar)}: accepted: *.jar")
    if config.temp_location and not re.fullmatch(r"gs://[a-z0-9]\S*", config.temp_location):
        raise ConfigError(
            f"beam.temp_location={shown(config.temp_location)}: accepted: gs://BUCKET/FOLDER"
        )


def _is_address(text: str) -> bool:
    """Returns whether a text is HOST:PORT with a port that there can be."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and 0 < int(found["port"]) < 1 << 16
