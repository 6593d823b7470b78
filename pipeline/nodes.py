"""The nodes of the graph: for each its id and every fact about it that is not its wiring.

The graph takes the ids from here; the local runner the packages, for its cache keys; the Kubeflow
runner the settings, volumes, caching, resources and imports of its steps.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from components.config import Section
from pipeline.config.kubeflow import StepConfig

if TYPE_CHECKING:
    from pipeline.config.settings import PipelineConfig


@dataclass(frozen=True)
class Property:
    """An execution property that holds some sections of the settings, as the text of `encode`."""

    sections: tuple[str, ...]
    encode: Callable[..., str] = Section.to_json

    def of(self, config: PipelineConfig) -> str:
        """Returns the property's text."""
        return self.encode(*(getattr(config, section) for section in self.sections))


@dataclass(frozen=True)
class Node:
    """One node.

    Attributes:
        id: Node id, and name of the step on Kubeflow: letters and digits.
        package: Folder in `components/` whose code it runs; empty where all of it is TFX's.
        settings: Execution properties that hold settings, by name.
        reads: The location that it reads or writes beside artifacts; on Kubeflow it mounts the
            volume of it.
        cacheable: Whether Kubeflow may take the outputs of an equal step. Not where the step reads
            something that is neither a parameter nor an input artifact: files, the live version.
        libraries: Costly libraries that its executor imports: `tfma`, `tfdv`.
        beam: Whether it runs Beam jobs.
        resources: What the step requests from a cluster, where it is not the default.
    """

    id: str
    package: str = ""
    settings: Mapping[str, Property] = field(default_factory=dict)
    reads: Literal["", "data_root", "destination", "schema_file"] = ""
    cacheable: bool = True
    libraries: frozenset[str] = frozenset()
    beam: bool = False
    resources: StepConfig | None = None

    @property
    def sections(self) -> frozenset[str]:
        """The sections of the settings that the node takes."""
        return frozenset(name for item in self.settings.values() for name in item.sections)


def _eval_config(gate: Any, evaluator: Any) -> str:
    """Returns the Evaluator's settings as TFX's Evaluator takes them."""
    from tfx.utils import proto_utils

    from components.evaluator.eval_config import eval_config

    return proto_utils.proto_to_json(eval_config(gate, evaluator))


def _newest_span(data: Any) -> str:
    """Returns the settings of the data with one span, the newest, in the place of all."""
    return data.model_copy(update={"window": 1}).to_json()


def _user_features(trainer: Any) -> str:
    """Returns the user features that the model uses, as the ExampleValidator takes them."""
    return json.dumps(list(trainer.user_features))


# What a step requests from a cluster unless its node says otherwise.
DEFAULT_RESOURCES = StepConfig(
    cpu_request=1.0,
    cpu_limit=4.0,
    memory_request=2.0,
    memory_limit=8.0,
    gpus=0,
    gpu_type="nvidia.com/gpu",
    node_selector={},
    tolerations=[],
    secret_variables={},
    secret_volumes={},
    retries=2,
    cache=True,
)
_SMALL = StepConfig(cpu_request=0.5, memory_request=1.0, memory_limit=4.0)
# A second attempt at the same data would end as the first.
_SMALL_ONCE = _SMALL.model_copy(update={"retries": 0})
_TFDV = frozenset({"tfdv"})

EXAMPLE_GEN = Node(
    "ExampleGen",
    "example_gen",
    {"data_config": Property(("data",)), "split_config": Property(("split",))},
    reads="data_root",
    cacheable=False,
    beam=True,
)
STATISTICS_GEN = Node("StatisticsGen", libraries=_TFDV, beam=True)
SCHEMA_GEN = Node("SchemaGen", reads="schema_file", libraries=_TFDV, resources=_SMALL)
EXAMPLE_VALIDATOR = Node(
    "ExampleValidator",
    "example_validator",
    {"user_features": Property(("trainer",), _user_features)},
    libraries=_TFDV,
    resources=_SMALL_ONCE,
)
TRANSFORM = Node("Transform", "transform", libraries=_TFDV, beam=True)
LIVE_MODEL = Node("LiveModel", "live_model", reads="destination", cacheable=False, resources=_SMALL)
NEWEST_SPAN = Node(
    "NewestSpan",
    "example_gen",
    {"data_config": Property(("data",), _newest_span), "split_config": Property(("split",))},
    reads="data_root",
    cacheable=False,
    beam=True,
)
NEWEST_STATISTICS = Node("NewestStatistics", libraries=_TFDV, beam=True)
DRIFT = Node(
    "Drift",
    "drift",
    {"config": Property(("drift",))},
    libraries=_TFDV,
    resources=StepConfig(retries=0),
)
TUNER = Node(
    "Tuner",
    "tuner",
    {"trainer_config": Property(("trainer",)), "tuner_config": Property(("tuner",))},
)
BEST_HYPERPARAMETERS = Node("BestHyperparameters")
TRAINER = Node(
    "Trainer",
    "trainer",
    {"config": Property(("trainer",))},
    resources=StepConfig(cpu_request=2.0, memory_request=4.0),
)
EVALUATOR = Node(
    "Evaluator",
    "evaluator",
    {"eval_config": Property(("gate", "evaluator"), _eval_config)},
    libraries=frozenset({"tfma"}),
    beam=True,
)
SERVING_CHECK = Node("ServingCheck", "serving_check", {"config": Property(("serving_check",))})
REPORT = Node("Report", "report", {"config": Property(("report",))}, libraries=_TFDV)
GATE = Node("Gate", "refuse_model", cacheable=False, resources=_SMALL_ONCE)
PUSHER = Node("Pusher", "pusher", reads="destination", cacheable=False, resources=_SMALL)

NODES = (
    EXAMPLE_GEN,
    STATISTICS_GEN,
    SCHEMA_GEN,
    EXAMPLE_VALIDATOR,
    TRANSFORM,
    LIVE_MODEL,
    NEWEST_SPAN,
    NEWEST_STATISTICS,
    DRIFT,
    TUNER,
    BEST_HYPERPARAMETERS,
    TRAINER,
    EVALUATOR,
    SERVING_CHECK,
    REPORT,
    GATE,
    PUSHER,
)
BY_ID = {node.id: node for node in NODES}
