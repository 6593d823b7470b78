from __future__ import annotations

from typing import Any

import pytest
from tfx import types
from tfx.types import standard_artifacts

from components.component import Artifacts, Component, Executor
from components.config import Section


class Copy(Executor):
    """Puts the folder of the input and a property into the output."""

    def run(self, inputs: Artifacts, outputs: Artifacts, properties: dict[str, Any]) -> None:
        text = f"{inputs.uri('examples')} {properties['name']}"
        outputs.one("model").set_string_custom_property("copied", text)


class Settings(Section):
    size: int = 3


class Sample(Component):
    EXECUTOR = Copy
    INPUTS = {"examples": standard_artifacts.Examples}
    OPTIONAL_INPUTS = {"base": standard_artifacts.Model}
    OUTPUTS = {"model": standard_artifacts.Model}
    PARAMETERS = ("config", "name")


def channel(kind: type[types.Artifact]) -> types.Channel:
    return types.Channel(type=kind)


def test_component_connects_inputs_and_makes_outputs() -> None:
    sample = Sample(examples=channel(standard_artifacts.Examples), config=Settings(), name="a")
    assert set(sample.inputs) == {"examples"}
    assert sample.outputs["model"].type is standard_artifacts.Model
    # A section is written as its JSON, a text as it is.
    assert sample.exec_properties == {"config": '{"size": 3}', "name": "a"}
    assert sample.id == "Sample"
    assert sample.executor_spec.executor_class is Copy


def test_component_takes_an_optional_input_or_none() -> None:
    arguments = {"examples": channel(standard_artifacts.Examples), "config": "", "name": ""}
    assert "base" not in Sample(**arguments, base=None).inputs
    assert "base" in Sample(**arguments, base=channel(standard_artifacts.Model)).inputs


def test_component_refuses_what_is_not_declared_or_missing() -> None:
    with pytest.raises(ValueError, match="name"):
        Sample(examples=channel(standard_artifacts.Examples), config="")
    with pytest.raises((ValueError, TypeError)):
        Sample(examples=channel(standard_artifacts.Model), config="", name="")
    with pytest.raises(ValueError, match="unknown"):
        Sample(examples=channel(standard_artifacts.Examples), config="", name="", unknown=1)


def test_executor_gets_the_artifacts_by_name() -> None:
    examples, model = standard_artifacts.Examples(), standard_artifacts.Model()
    examples.uri = "/examples/1"
    Copy().Do({"examples": [examples]}, {"model": [model]}, {"name": "a"})
    assert model.get_string_custom_property("copied") == "/examples/1 a"
