"""The run parameters: what can be changed when a run is started, and which steps get it.

A run parameter reaches its steps as a parameter of the same name; in the step's container
`run_settings.apply` makes settings of it, as the command line does of `--preset` and `--set`.

No default is empty or 0: the page of Kubeflow up to 2.4 takes such a default for a missing value,
and does not start a run until something is typed in (kubeflow/pipelines#11515). Words stand there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline import nodes
from pipeline.config.settings import PipelineConfig

STRING, DOUBLE = "STRING", "NUMBER_DOUBLE"

DATA_ROOT = "data_root"
PRESET = "preset"
EPOCHS = "epochs"
SETTINGS = "settings"
# Not a run parameter: what was fixed when the pipeline was compiled, constant in every step.
BASE_SETTINGS = "base_settings"

AUTO, ALL, NONE = "auto", "all", "none"
# Stands for 0 where a threshold is a number; no accuracy is as small.
ZERO = 1e-9

# Fixed when the pipeline is compiled: another value would have no effect in a run.
FIXED_SECTIONS = ("beam", "schema", "kubeflow", "tuner")
# Steps whose settings a run can change.
CONFIGURED = tuple(node.id for node in nodes.NODES if node.settings)


@dataclass(frozen=True)
class Parameter:
    """One run parameter.

    Attributes:
        name: Name in the run and in the steps.
        type: STRING or DOUBLE.
        default: Value of a run that does not set it.
        description: One or two sentences.
        steps: Steps that get it. ExampleGen, the first, gets all: it refuses what is wrong at once.
        setting: `section.key` that the value is for; empty where the value is no setting.
        words: What values stand for; None: that nothing is set.
    """

    name: str
    type: str
    default: str | float
    description: str
    steps: tuple[str, ...] = (nodes.EXAMPLE_GEN.id,)
    setting: str = ""
    words: Mapping[str | float, str | float | None] = field(default_factory=dict)


def run_parameters(config: PipelineConfig, data_root: str, preset: str) -> list[Parameter]:
    """Returns the run parameters, in order, with what the pipeline is compiled with as defaults."""
    return [*_data_parameters(config, data_root), *_training_parameters(preset), *_gates(config)]


def _data_parameters(config: PipelineConfig, data_root: str) -> list[Parameter]:
    return [
        Parameter(
            DATA_ROOT, STRING, data_root, "Folder of the rating files, as the containers see it."
        ),
        Parameter(
            "span_pattern",
            STRING,
            config.data.span_pattern or NONE,
            "Folders of spans in data_root, as span-{SPAN}; auto: as found; none: no spans.",
            _steps_with("data"),
            "data.span_pattern",
            {NONE: ""},
        ),
        Parameter(
            "span_window",
            STRING,
            str(config.data.window) if config.data.window else ALL,
            "How many of the newest spans are read together; all: every one.",
            _steps_with("data"),
            "data.window",
            {ALL: 0},
        ),
    ]


def _training_parameters(preset: str) -> list[Parameter]:
    return [
        Parameter(PRESET, STRING, preset, "Named settings.", CONFIGURED),
        Parameter(
            EPOCHS,
            STRING,
            AUTO,
            "Passes over the data; auto: as many as preset and settings say.",
            _steps_with("trainer"),
            "trainer.epochs",
            {AUTO: None},
        ),
        Parameter(
            SETTINGS,
            STRING,
            NONE,
            "More settings, as SECTION.KEY=VALUE, separated by semicolons.",
            CONFIGURED,
            words={NONE: ""},
        ),
    ]


def _gates(config: PipelineConfig) -> list[Parameter]:
    return [
        Parameter(
            name,
            DOUBLE,
            getattr(config.gate, name) or ZERO,
            known.description or "",
            _steps_with("gate"),
            f"gate.{name}",
            {ZERO: 0.0},
        )
        for name, known in type(config.gate).model_fields.items()
    ]


def _steps_with(section: str) -> tuple[str, ...]:
    """Returns the steps that take a section of the settings, and ExampleGen."""
    return tuple(
        node.id for node in nodes.NODES if node == nodes.EXAMPLE_GEN or section in node.sections
    )
