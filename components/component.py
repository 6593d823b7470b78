"""The base of our components: what goes in and out is declared once, next to what is done with it.

TFX's `@component` decorator would do, but importing it imports Beam, which the small steps on
Kubeflow otherwise start without (a second and 1,200 modules each).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, base_executor, executor_spec
from tfx.types import artifact_utils, component_spec

from components.config import Section

ArtifactDict = dict[str, list[types.Artifact]]
ArtifactTypes = Mapping[str, type[types.Artifact]]


class Artifacts(ArtifactDict):
    """Input or output artifacts by name."""

    def one(self, name: str) -> types.Artifact:
        """Returns the only artifact of a name."""
        return artifact_utils.get_single_instance(self[name])

    def uri(self, name: str) -> str:
        """Returns the folder of the only artifact of a name."""
        return artifact_utils.get_single_uri(self[name])


class Executor(base_executor.BaseExecutor, ABC):
    """Does the work of a component."""

    def Do(
        self, input_dict: ArtifactDict, output_dict: ArtifactDict, exec_properties: dict[str, Any]
    ) -> None:
        """Runs the executor, as TFX calls it."""
        self._log_startup(input_dict, output_dict, exec_properties)
        self.run(Artifacts(input_dict), Artifacts(output_dict), exec_properties)

    @abstractmethod
    def run(self, inputs: Artifacts, outputs: Artifacts, properties: dict[str, Any]) -> None:
        """Reads the inputs and writes the outputs.

        Args:
            inputs: Input artifacts; optional ones may be missing.
            outputs: Output artifacts.
            properties: The component's parameters, texts.
        """


class Component(base_component.BaseComponent):
    """A component of artifacts and texts; a subclass declares, and has no constructor of its own.

    Attributes:
        EXECUTOR: What does the work.
        INPUTS: Type of the artifacts of each input.
        OPTIONAL_INPUTS: The same of inputs that need not be connected.
        OUTPUTS: Type of the artifact of each output.
        PARAMETERS: Names of the execution properties, all texts.
    """

    EXECUTOR: ClassVar[type[Executor]]
    INPUTS: ClassVar[ArtifactTypes] = {}
    OPTIONAL_INPUTS: ClassVar[ArtifactTypes] = {}
    OUTPUTS: ClassVar[ArtifactTypes] = {}
    PARAMETERS: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Makes TFX's specification of what the subclass declares."""
        super().__init_subclass__(**kwargs)
        channel = component_spec.ChannelParameter
        required = {key: channel(type=kind) for key, kind in cls.INPUTS.items()}
        optional = {
            key: channel(type=kind, optional=True) for key, kind in cls.OPTIONAL_INPUTS.items()
        }
        specification = {
            "PARAMETERS": {
                key: component_spec.ExecutionParameter(type=str) for key in cls.PARAMETERS
            },
            "INPUTS": {**required, **optional},
            "OUTPUTS": {key: channel(type=kind) for key, kind in cls.OUTPUTS.items()},
        }
        cls.SPEC_CLASS = type(f"{cls.__name__}Spec", (component_spec.ComponentSpec,), specification)
        cls.EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(cls.EXECUTOR)

    def __init__(self, **arguments: Any) -> None:
        """Constructs the component.

        Args:
            **arguments: A channel for each input; a text or a section of the settings for each
                parameter.

        Raises:
            ValueError: An argument is missing or unknown.
            TypeError: A channel holds artifacts of another type.
        """
        accepted = (*self.INPUTS, *self.OPTIONAL_INPUTS, *self.PARAMETERS)
        if unknown := arguments.keys() - set(accepted):
            raise ValueError(f"{type(self).__name__}: unknown {unknown}; accepted: {accepted}")
        outputs = {key: types.Channel(type=kind) for key, kind in self.OUTPUTS.items()}
        texts = {
            key: value.to_json() if isinstance(value, Section) else value
            for key, value in arguments.items()
        }
        super().__init__(self.SPEC_CLASS(**texts, **outputs))
