"""The run parameters: what can be changed when a run is started, and which steps get it.

A run parameter reaches its steps as a parameter of the same name; in the step's container
`run_settings.apply` makes settings of it, as the command line does of `--preset` and `--set`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline import nodes
from pipeline.config.settings import PipelineConfig

STRING, INTEGER, DOUBLE = "STRING", "NUMBER_INTEGER", "NUMBER_DOUBLE"

DATA_ROOT = "data_root"
PRESET = "preset"
EPOCHS = "epochs"
SETTINGS = "settings"
# Not a run parameter: what was fixed when the pipeline was compiled, constant in every step.
BASE_SETTINGS = "base_settings"

EPOCHS_OF_PRESET = 0

# Fixed when the pipeline is compiled: another value would have no effect in a run.
FIXED_SECTIONS = ("beam", "schema", "kubeflow", "tuner")
# Steps whose settings a run can change.
CONFIGURED = tuple(node.id for node in nodes.NODES if node.settings)


@dataclass(frozen=True)
class Parameter:
    """One run parameter.

    Attributes:
        name: Name in the run and in the steps.
        type: STRING, INTEGER or DOUBLE.
        default: Value of a run that does not set it.
        description: One or two sentences.
        steps: Steps that get it. ExampleGen, the first, gets all: it refuses what is wrong at once.
        setting: `section.key` that the value is for; empty where the value is no setting.
    """

    name: str
    type: str
    default: str | int | float
    description: str
    steps: tuple[str, ...] = (nodes.EXAMPLE_GEN.id,)
    setting: str = ""


def run_parameters(config: PipelineConfig, data_root: str, preset: str) -> list[Parameter]:
    """Returns the run parameters, in order.

    Args:
        config: Settings of the pipeline as compiled: the defaults of the gate.
        data_root: Default of the data location.
        preset: Default of the preset.
    """
    return [*_data_parameters(config, data_root), *_training_parameters(preset), *_gates(config)]


def _data_parameters(config: PipelineConfig, data_root: str) -> list[Parameter]:
    return [
        Parameter(
            DATA_ROOT, STRING, data_root, "Folder of the rating files, as the containers see it."
        ),
        Parameter(
            "span_pattern",
            STRING,
            config.data.span_pattern,
            "Folders of spans in data_root, as span-{SPAN}; auto: as found; empty: no spans.",
            setting="data.span_pattern",
        ),
        Parameter(
            "span_window",
            INTEGER,
            config.data.window,
            "Newest spans that are read together; 0: all.",
            setting="data.window",
        ),
    ]


def _training_parameters(preset: str) -> list[Parameter]:
    return [
        Parameter(PRESET, STRING, preset, "Named settings.", CONFIGURED),
        Parameter(
            EPOCHS,
            INTEGER,
            EPOCHS_OF_PRESET,
            "Passes over the data; 0: as many as preset and settings say.",
            _steps_with("trainer"),
            "trainer.epochs",
        ),
        Parameter(
            SETTINGS,
            STRING,
            "",
            "More settings, as SECTION.KEY=VALUE, separated by semicolons.",
            CONFIGURED,
        ),
    ]


def _gates(config: PipelineConfig) -> list[Parameter]:
    return [
        Parameter(
            name,
            DOUBLE,
            getattr(config.gate, name),
            field.description or "",
            _steps_with("gate"),
            f"gate.{name}",
        )
        for name, field in type(config.gate).model_fields.items()
    ]


def _steps_with(section: str) -> tuple[str, ...]:
    """Returns the steps that take a section of the settings, and ExampleGen."""
    return tuple(
        node.id for node in nodes.NODES if node == nodes.EXAMPLE_GEN or section in node.sections
    )
