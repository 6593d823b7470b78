"""TFX's Evaluator that takes an absent live model for no baseline at all."""

from __future__ import annotations

import os
from typing import Any

from tfx.components.evaluator import executor
from tfx.components.util import model_utils
from tfx.types import standard_component_specs

from components.component import ArtifactDict, Artifacts
from components.evaluator import decisions, result
from components.evaluator.user_sample import sample_users
from components.live_model.artifact import is_absent

METRICS_KEY = "metrics"
USERS_KEY = "users"


class Executor(executor.Executor):
    """The stock executor on a sample of the users; it also writes figures and decisions."""

    def Do(
        self, input_dict: ArtifactDict, output_dict: ArtifactDict, exec_properties: dict[str, Any]
    ) -> None:
        """Evaluates the model, against the live model if there is one."""
        properties, outputs = dict(exec_properties), Artifacts(output_dict)
        examples, users_of_eval = sample_users(
            input_dict[standard_component_specs.EXAMPLES_KEY],
            properties.pop(USERS_KEY, 0),
            os.path.join(self._get_tmp_dir(), "measured"),
        )
        measured = {**input_dict, standard_component_specs.EXAMPLES_KEY: examples}
        live = input_dict.get(standard_component_specs.BASELINE_MODEL_KEY)
        if live and is_absent(live[0]):
            # Where there is none the stock executor expects no input: it would load an empty one.
            del measured[standard_component_specs.BASELINE_MODEL_KEY]
        super().Do(measured, output_dict, properties)
        if METRICS_KEY not in outputs:
            return
        evaluation = outputs.uri(standard_component_specs.EVALUATION_KEY)
        blessed = model_utils.is_model_blessed(outputs.one(standard_component_specs.BLESSING_KEY))
        result.write(
            decisions.read_result(evaluation, blessed, users_of_eval), outputs.one(METRICS_KEY)
        )
