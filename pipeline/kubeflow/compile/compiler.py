"""The graph as the YAML that Kubeflow Pipelines takes: two documents, pipeline and platform."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from components.errors import ConfigError, shown
from pipeline import nodes
from pipeline.config import settings
from pipeline.config.beam_options import check_beam
from pipeline.kubeflow import parameters
from pipeline.kubeflow.compile import adapt
from pipeline.kubeflow.compile.engine import check_engine, shared_mounts
from pipeline.kubeflow.compile.target import Target
from pipeline.kubeflow.history_root import history_root
from pipeline.local.workspace.files import write_aside

ENTRYPOINT = ("python", "-m", "pipeline.kubeflow.step.entrypoint")
DESCRIPTION = "Rating files in, a gated two-tower retrieval model out."


def compile_pipeline(target: Target, preset: str, base: settings.Tree) -> str:
    """Returns the two documents as one text.

    Args:
        target: Where it runs.
        preset: Default of the run parameter `preset`.
        base: Settings over the preset, by section and key.

    Raises:
        ConfigError: Settings or target are not what Kubeflow takes.
    """
    config = settings.validate(settings.merge(settings.preset_tree(preset), base))
    check_beam(config.beam)
    check_engine(config.beam, target)
    refuse_webhook(config)
    run_parameters = parameters.run_parameters(config, target.data_root, preset)
    pipeline = build_graph(target, config)
    spec = to_spec(pipeline, target.image)
    adapt_spec(spec, target, config, run_parameters, base, drivers(pipeline))
    platform = adapt.platform_spec(spec, config.kubeflow, mounts(target))
    return to_yaml([spec, platform], run_parameters)


def refuse_webhook(config: settings.PipelineConfig) -> None:
    """Refuses the URL of a webhook, which often is a secret: everyone could read it in the YAML.

    Raises:
        ConfigError: There is one.
    """
    if config.notify.webhook.get_secret_value():
        raise ConfigError(
            "notify.webhook: the URL may be a secret and would stand readable in the YAML, while "
            "no step on Kubeflow posts to it; leave it out, or add --set notify.webhook=''"
        )


def build_graph(target: Target, config: settings.PipelineConfig) -> Any:
    """Returns the TFX pipeline, the same that the local runner runs."""
    from tfx.orchestration.data_types import RuntimeParameter

    from pipeline import graph

    return graph.create_pipeline(
        target.name,
        target.pipeline_root,
        config,
        graph.Inputs(
            data_root=RuntimeParameter(parameters.DATA_ROOT, str, target.data_root),
            schema_file=target.schema_file,
            destination=target.destination,
            several_spans=True,  # only the run knows: NewestSpan does nothing where there is one
        ),
        fail_when_refused=True,
    )


def drivers(pipeline: Any) -> dict[str, str]:
    """Returns the import path of the driver of each file-based ExampleGen."""
    from tfx.components.example_gen.component import FileBasedExampleGen

    return {
        node.id: f"{node.driver_class.__module__}.{node.driver_class.__qualname__}"
        for node in pipeline.components
        if isinstance(node, FileBasedExampleGen)
    }


def to_spec(pipeline: Any, image: str) -> adapt.Spec:
    """Returns what TFX makes of the graph, with our entrypoint as every command."""
    from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner as runner

    config = runner.KubeflowV2DagRunnerConfig(
        default_image=image, default_commands=list(ENTRYPOINT), use_pipeline_spec_2_1=True
    )
    try:
        job = runner.KubeflowV2DagRunner(config).run(pipeline, write_out=False)
    except ValueError as error:
        problem = shown(str(error), quote=False)
        raise ConfigError(f"compile: TFX refuses the pipeline: {problem}") from error
    return job["pipelineSpec"]


def adapt_spec(
    spec: adapt.Spec,
    target: Target,
    config: settings.PipelineConfig,
    run_parameters: Sequence[parameters.Parameter],
    base: settings.Tree,
    step_drivers: Mapping[str, str],
) -> None:
    """Makes every change that the open-source backend needs."""
    adapt.check_steps(spec, config.kubeflow)
    adapt.drop_lifecycle(spec)
    adapt.name_steps(spec, step_drivers)
    adapt.show_to_people(spec)
    adapt.record_pushes(spec, history_root(target.destination, target.is_on_volume))
    adapt.add_run_parameters(spec, run_parameters)
    adapt.pass_parameters(spec, run_parameters, json.dumps(run_time_part(base), sort_keys=True))
    adapt.set_caching(spec, config.kubeflow)
    adapt.set_retries(spec, config.kubeflow)
    adapt.set_resources(spec, config.kubeflow)
    adapt.set_environment(spec, target.environment)
    adapt.set_root(spec, target.pipeline_root)
    adapt.describe(spec, target.name, DESCRIPTION)


def run_time_part(base: settings.Tree) -> settings.Tree:
    """Returns the settings that steps look at; the others are part of the specification."""
    return {
        section: keys for section, keys in base.items() if section not in parameters.FIXED_SECTIONS
    }


def mounts(target: Target) -> dict[str, list[dict[str, str]]]:
    """Returns the volumes of each step: only those that touch one mount it."""
    shared = shared_mounts(target)
    volumes = {
        node.id: [
            mount
            for mount in target.mounts
            if (node.reads and mount.holds(getattr(target, node.reads)))
            or (node.beam and mount in shared)
        ]
        for node in nodes.NODES
    }
    return {
        node: [{"constant": mount.claim, "mountPath": mount.path} for mount in mounted]
        for node, mounted in volumes.items()
        if mounted
    }


def to_yaml(documents: Sequence[adapt.Spec], run_parameters: Sequence[parameters.Parameter]) -> str:
    """Returns the documents as text, headed by the run parameters."""
    name = documents[0]["pipelineInfo"]["name"]
    lines = [
        f"# {name}: {DESCRIPTION}",
        "# Made by `kubeflow_runner.py compile`. Run parameters:",
        *(
            f"#   {parameter.name} ({parameter.default!r}): {parameter.description}"
            for parameter in run_parameters
        ),
    ]
    body = yaml.safe_dump_all(documents, sort_keys=True, allow_unicode=True, width=100)
    return "\n".join(lines) + "\n" + body


def write(text: str, path: Path) -> None:
    """Writes the YAML, in place of an older one only when it is whole.

    Raises:
        ConfigError: The folder cannot be written, or something else stands there.
    """
    if not path.name or (os.path.lexists(path) and not path.is_file()):
        raise ConfigError(
            f"--output: {shown(path, quote=False)} is not a regular file; name another"
        )
    try:
        write_aside(path, text)
    except OSError as error:
        raise ConfigError(
            f"--output: cannot write {shown(path, quote=False)}: {error.strerror}"
        ) from error
