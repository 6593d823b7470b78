"""ExampleValidator, with an executor that stops the run."""

from __future__ import annotations

from tfx.components.example_validator import component as stock
from tfx.dsl.components.base import executor_spec

from components.example_validator.executor import Executor


class ExampleValidator(stock.ExampleValidator):
    """TFX's ExampleValidator; a batch with anomalies fails the step and so the run."""

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
