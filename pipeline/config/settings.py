"""The settings of a whole run, and how they are put together."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from components.config import Section, key_of
from components.drift.config import DriftConfig
from components.errors import ConfigError, shown
from components.evaluator.config import EvaluatorConfig, GateConfig
from components.example_gen.config import DataConfig, SplitConfig
from components.report.config import ReportConfig
from components.serving_check.config import ServingCheckConfig
from components.trainer.config import TrainerSettings
from components.tuner.config import TunerConfig
from pipeline.config import text_file, yaml_reader
from pipeline.config.beam import BeamConfig
from pipeline.config.kubeflow import KubeflowConfig
from pipeline.config.local import NotifyConfig, RetentionConfig
from pipeline.config.presets import PRESETS
from serving.config import ServingConfig

Tree = dict[str, Any]


class SchemaConfig(Section):
    """The schema that the data must follow."""

    path: str = Field(
        "", description="Schema file (pbtxt); empty means the curated one in schemas/."
    )


class PipelineConfig(Section):
    """All settings of a run, one section for each component."""

    data: DataConfig = DataConfig()
    split: SplitConfig = SplitConfig()
    schema_: SchemaConfig = Field(SchemaConfig(), alias="schema")
    drift: DriftConfig = DriftConfig()
    trainer: TrainerSettings = TrainerSettings()
    tuner: TunerConfig = TunerConfig()
    evaluator: EvaluatorConfig = EvaluatorConfig()
    gate: GateConfig = GateConfig()
    serving_check: ServingCheckConfig = ServingCheckConfig()
    report: ReportConfig = ReportConfig()
    beam: BeamConfig = BeamConfig()
    kubeflow: KubeflowConfig = KubeflowConfig()
    retention: RetentionConfig = RetentionConfig()
    notify: NotifyConfig = NotifyConfig()
    serving: ServingConfig = ServingConfig()


def load_config(
    preset: str = "default",
    file: str | Path | None = None,
    assignments: Iterable[str] = (),
) -> PipelineConfig:
    """Builds the settings from a preset, then a YAML file, then `section.key=value` assignments.

    Args:
        preset: Name of a preset; see `pipeline.config.presets.PRESETS`.
        file: YAML file with sections and keys, or None.
        assignments: `section.key=value` texts; the value is read as YAML.

    Raises:
        ConfigError: Where a preset, section or key is unknown or a value is not valid.
    """
    return validate(merge(preset_tree(preset), base_tree(file, assignments)))


def base_tree(file: str | Path | None, assignments: Iterable[str]) -> Tree:
    """Returns what a YAML file and then assignments set over the preset, not yet validated."""
    layers = [file_tree(file) if file else {}, *map(assignment_tree, assignments)]
    return functools.reduce(merge, layers, {})


def preset_tree(name: str) -> Tree:
    """Returns what the preset changes from the defaults."""
    if name not in PRESETS:
        raise ConfigError(
            f"--preset: no preset {shown(name)}{nearest(name, PRESETS)}; "
            f"there are {', '.join(PRESETS)}"
        )
    return PRESETS[name]


def file_tree(path: str | Path) -> Tree:
    """Reads a YAML settings file.

    Raises:
        ConfigError: It cannot be read, or holds no sections with keys.
    """
    tree = yaml_reader.load(text_file.read_text(path, "--config"), f"--config: {shown(path)}")
    if tree is None:
        return {}
    if not (_has_names(tree) and all(_has_names(keys) for keys in tree.values())):
        raise ConfigError(
            f"--config: {shown(path)} must hold sections with keys, as in 'trainer: {{epochs: 3}}'"
        )
    return tree


def _has_names(value: Any) -> bool:
    """Returns whether a value is a mapping whose keys are texts."""
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def assignment_tree(text: str) -> Tree:
    """Reads one `section.key=value`.

    Raises:
        ConfigError: It is something else, or the value is not YAML.
    """
    path, equals, value = text.partition("=")
    section, dot, key = path.strip().partition(".")
    if not (equals and dot and section and key):
        raise ConfigError(f"--set: {shown(text)} is not SECTION.KEY=VALUE, as in trainer.epochs=3")
    what = f"--set: the value of {shown(path.strip(), quote=False)}"
    return {section: {key: yaml_reader.load(value, what)}}


def merge(base: Mapping[str, Any], top: Mapping[str, Any]) -> Tree:
    """Returns `base` with the keys of `top` laid over it, section by section."""
    merged = {key: dict(value) for key, value in base.items()}
    for section, keys in top.items():
        merged.setdefault(section, {}).update(keys)
    return merged


def validate(tree: Tree) -> PipelineConfig:
    """Checks a tree of settings and returns it typed.

    Raises:
        ConfigError: One line that names the first setting that is wrong and what would be right.
    """
    sections = _sections()
    for section, keys in tree.items():
        if section not in sections:
            raise ConfigError(f"no section {shown(section)}{nearest(section, sections)}")
        for key in keys:
            if key not in sections[section]:
                raise ConfigError(_unknown_key(section, key, sections))
    try:
        return PipelineConfig.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_first_problem(error, tree)) from error


def _sections() -> dict[str, dict[str, Any]]:
    """Returns the keys of each section by their public names."""
    return {
        field.alias or name: dict(field.annotation.model_fields)  # type: ignore[union-attr]
        for name, field in PipelineConfig.model_fields.items()
    }


def describe_settings() -> list[tuple[str, Any, str]]:
    """Returns (section.key, default, description) of every setting, in order."""
    return [
        (f"{section}.{key}", field.default, field.description or "")
        for section, keys in _sections().items()
        for key, field in keys.items()
    ]


def _unknown_key(section: str, key: str, sections: Mapping[str, Any]) -> str:
    dotted = [f"{name}.{candidate}" for name, keys in sections.items() for candidate in keys]
    name = f"{section}.{key}"
    return f"no setting {shown(name, quote=False)}{nearest(name, dotted)}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Returns a question that names the known word nearest to one; empty if none is known."""
    close = difflib.get_close_matches(word[:100], list(known), n=1, cutoff=0.0)
    return f"; did you mean {close[0]}?" if close else ""


def _first_problem(error: ValidationError, tree: Tree) -> str:
    problem = error.errors()[0]
    where = key_of(problem["loc"], tree)
    # The URL of a webhook may hold a secret.
    value = "…" if where.startswith("notify.webhook") else shown(problem["input"])
    return f"{shown(where, quote=False)}={value}: {shown(problem['msg'], 300, quote=False)}"
