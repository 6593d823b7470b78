"""ExampleGen: rating files to one Example per user and split, and one per movie."""

from __future__ import annotations

from tfx.components.example_gen.component import FileBasedExampleGen
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.orchestration import data_types
from tfx.proto import example_gen_pb2
from tfx.types import channel, component_spec, standard_artifacts, standard_component_specs

from components.example_gen import executor
from components.example_gen.config import DataConfig, SplitConfig
from components.example_gen.driver import RatingsDriver


class RatingsExampleGenSpec(component_spec.ComponentSpec):
    """Parameters and outputs of RatingsExampleGen."""

    PARAMETERS = {
        standard_component_specs.INPUT_BASE_KEY: component_spec.ExecutionParameter(type=str),
        standard_component_specs.INPUT_CONFIG_KEY: component_spec.ExecutionParameter(
            type=example_gen_pb2.Input
        ),
        executor.DATA_KEY: component_spec.ExecutionParameter(type=str),
        executor.SPLIT_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS: dict[str, component_spec.ChannelParameter] = {}
    OUTPUTS = {
        standard_component_specs.EXAMPLES_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Examples
        ),
        executor.MOVIES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
    }


class RatingsExampleGen(FileBasedExampleGen):
    """Reads a folder of rating files in any of the known layouts (layouts/known.py).

    Outputs:
        examples: One tf.Example per user in each of the splits train and eval; summary.json.
        movies: One tf.Example per movie of the catalogue, in the split movies.
    """

    SPEC_CLASS = RatingsExampleGenSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)
    DRIVER_CLASS = RatingsDriver

    def __init__(
        self,
        input_base: str | data_types.RuntimeParameter,
        data: DataConfig | str,
        split: SplitConfig,
    ) -> None:
        """Constructs the component.

        Args:
            input_base: Folder of the data.
            data: How files are read (or its JSON).
            split: How interactions are divided.
        """
        # All files of the folder; where it has spans the driver puts a split for each in its place.
        every = example_gen_pb2.Input.Split(name="all", pattern="*")
        spec = RatingsExampleGenSpec(
            input_base=input_base,
            input_config=example_gen_pb2.Input(splits=[every]),
            data_config=data.to_json() if isinstance(data, DataConfig) else data,
            split_config=split.to_json(),
            examples=channel.Channel(type=standard_artifacts.Examples),
            movies=channel.Channel(type=standard_artifacts.Examples),
        )
        # FileBasedExampleGen's own constructor would build the spec of stock ExampleGens.
        base_beam_component.BaseBeamComponent.__init__(self, spec=spec)
