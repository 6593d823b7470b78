"""The Evaluator component: TFX's own, with our metrics and gate."""

from __future__ import annotations

from tfx import types
from tfx.components.evaluator import component
from tfx.dsl.components.base import executor_spec

from components.evaluator.config import EvaluatorConfig, GateConfig
from components.evaluator.executor import Executor
from components.evaluator.gates import eval_config


class Evaluator(component.Evaluator):
    """Measures the exported model on the eval split and blesses it if every gate lets it pass."""

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
        super().__init__(
            examples=examples,
            model=model,
            baseline_model=live_model,
            eval_config=eval_config(gate, evaluator),
        )
