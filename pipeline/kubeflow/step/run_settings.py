"""In a container: the run parameters become the settings of the step."""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from typing import Any

from components.errors import ConfigError
from pipeline import nodes
from pipeline.config import settings
from pipeline.kubeflow import parameters

_PARAMETERS = {
    parameter.name: parameter
    for parameter in parameters.run_parameters(settings.PipelineConfig(), "", "default")
}
_SETTING = {name: item.setting for name, item in _PARAMETERS.items() if item.setting}


def apply(node_id: str, values: MutableMapping[str, Any]) -> None:
    """Takes the run parameters out of a step's parameters and sets its own properties by them.

    Raises:
        ConfigError: A run parameter has a value that its setting refuses.
    """
    if parameters.BASE_SETTINGS not in values:
        return
    config = run_config(values)
    for name in (parameters.BASE_SETTINGS, parameters.PRESET, parameters.SETTINGS, *_SETTING):
        values.pop(name, None)
    values.update(properties(node_id, config))


def run_config(values: Mapping[str, Any]) -> settings.PipelineConfig:
    """Returns the settings of a run: preset, then what was compiled in, then the run parameters.

    Raises:
        ConfigError: A run parameter has a value that its setting refuses.
    """
    tree = settings.merge(
        settings.preset_tree(values[parameters.PRESET]),
        json.loads(values[parameters.BASE_SETTINGS]),
    )
    for name, setting in _SETTING.items():
        value = _meaning(name, values.get(name))
        if value is not None:
            section, _, key = setting.partition(".")
            tree = settings.merge(tree, {section: {key: _whole(value)}})
    for text in split_settings(
        _meaning(parameters.SETTINGS, values.get(parameters.SETTINGS)) or ""
    ):
        tree = settings.merge(tree, _assignment(text))
    return settings.validate(tree)


def split_settings(text: str) -> list[str]:
    """Returns the assignments in the run parameter `settings`."""
    return [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]


def _assignment(text: str) -> settings.Tree:
    tree = settings.assignment_tree(text)
    section = next(iter(tree))
    if section in parameters.FIXED_SECTIONS:
        raise ConfigError(
            f"settings: {text!r}: section {section!r} is fixed when the pipeline is compiled"
        )
    return tree


def _meaning(name: str, value: Any) -> Any:
    """Returns what the value of a run parameter stands for; None if it sets nothing."""
    return _PARAMETERS[name].words.get(value, value)


def _whole(value: Any) -> Any:
    """Returns a run parameter as int where it is whole: Kubeflow sends only floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def properties(node_id: str, config: settings.PipelineConfig) -> dict[str, str]:
    """Returns the properties of a step that hold settings which a run can change."""
    return {
        name: item.of(config)
        for name, item in nodes.BY_ID[node_id].settings.items()
        if not set(parameters.FIXED_SECTIONS).intersection(item.sections)
    }
