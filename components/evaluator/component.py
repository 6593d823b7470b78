"""The Evaluator component: TFX's own, with our metrics and gate."""

from __future__ import annotations

from tfx import types
from tfx.components.evaluator import component
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts, standard_component_specs
from tfx.utils import json_utils

from components.artifacts import Metrics
from components.evaluator.config import EvaluatorConfig, GateConfig
from components.evaluator.eval_config import eval_config
from components.evaluator.executor import METRICS_KEY, USERS_KEY, Executor


class EvaluatorSpec(standard_component_specs.EvaluatorSpec):
    """The stock specification, the number of users, and one more output: figures for people."""

    PARAMETERS = {
        **standard_component_specs.EvaluatorSpec.PARAMETERS,
        USERS_KEY: component_spec.ExecutionParameter(type=int),
    }

    OUTPUTS = {
        **standard_component_specs.EvaluatorSpec.OUTPUTS,
        METRICS_KEY: component_spec.ChannelParameter(type=Metrics),
    }


class Evaluator(component.Evaluator):
    """Measures the exported model on the eval split and blesses it if every gate lets it pass.

    Outputs:
        evaluation, blessing: as of the stock component.
        metrics: the figures over all users and the decisions, for people and for the next steps.
    """

    SPEC_CLASS = EvaluatorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        model: types.BaseChannel,
        live_model: types.BaseChannel,
        gate: GateConfig,
        evaluator: EvaluatorConfig,
    ) -> None:
        """Constructs the component.

        Args:
            examples: Examples with the split eval, one Example per user.
            model: the trained Model.
            live_model: the Model that LiveModel gives; it may be absent.
            gate: what the model must show.
            evaluator: how it is measured.
        """
        spec = EvaluatorSpec(
            examples=examples,
            model=model,
            baseline_model=live_model,
            eval_config=eval_config(gate, evaluator),
            users=evaluator.users,
            fairness_indicator_thresholds=json_utils.dumps(None),
            example_splits=json_utils.dumps(None),
            evaluation=types.Channel(type=standard_artifacts.ModelEvaluation),
            blessing=types.Channel(type=standard_artifacts.ModelBlessing),
            metrics=types.Channel(type=Metrics),
        )
        # The stock constructor would build the stock specification.
        base_beam_component.BaseBeamComponent.__init__(self, spec=spec)
