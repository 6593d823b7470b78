"""ExampleValidator, with an executor that stops the run."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tfx import types
from tfx.components.example_validator import component as stock
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts, standard_component_specs
from tfx.utils import json_utils

from components.example_validator.executor import USER_FEATURES_KEY, Executor


class ExampleValidatorSpec(standard_component_specs.ExampleValidatorSpec):
    """The stock specification and one more parameter: the user features that are used."""

    PARAMETERS = {
        **standard_component_specs.ExampleValidatorSpec.PARAMETERS,
        USER_FEATURES_KEY: component_spec.ExecutionParameter(type=str),
    }


class ExampleValidator(stock.ExampleValidator):
    """TFX's ExampleValidator; data with anomalies fails the step and so the run.

    An anomaly of a user feature that the model does not use is recorded only.
    """

    SPEC_CLASS = ExampleValidatorSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        statistics: types.BaseChannel,
        schema: types.BaseChannel,
        user_features: Sequence[str],
    ) -> None:
        """Constructs the component.

        Args:
            statistics: Statistics of the splits.
            schema: What the data must follow.
            user_features: The user features that the model uses.
        """
        spec = ExampleValidatorSpec(
            statistics=statistics,
            schema=schema,
            user_features=json.dumps(list(user_features)),
            exclude_splits=json_utils.dumps([]),
            anomalies=types.Channel(type=standard_artifacts.ExampleAnomalies),
        )
        # The stock constructor would build the stock specification.
        base_component.BaseComponent.__init__(self, spec=spec)
