"""TFX's Evaluator that takes an absent live model for no baseline at all."""

from __future__ import annotations

import os
from typing import Any

from tfx import types
from tfx.components.evaluator import executor
from tfx.components.util import model_utils
from tfx.types import artifact_utils, standard_component_specs

from components.evaluator import decisions, result
from components.evaluator.user_sample import sample_users
from components.live_model.artifact import is_absent

METRICS_KEY = "metrics"
USERS_KEY = "users"


class Executor(executor.Executor):
    """The stock executor on a sample of the users; it also writes figures and decisions."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Evaluates the model, against the live model if there is one."""
        properties = dict(exec_properties)
        sample = sample_users(
            input_dict[standard_component_specs.EXAMPLES_KEY],
            properties.pop(USERS_KEY, 0),
            os.path.join(self._get_tmp_dir(), "measured"),
        )
        measured = {**input_dict, standard_component_specs.EXAMPLES_KEY: sample.examples}
        super().Do(without_absent_baseline(measured), output_dict, properties)
        if METRICS_KEY not in output_dict:
            return
        evaluation = artifact_utils.get_single_uri(
            output_dict[standard_component_specs.EVALUATION_KEY]
        )
        blessing = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.BLESSING_KEY]
        )
        result.write(
            decisions.read_result(evaluation, model_utils.is_model_blessed(blessing), sample.of),
            artifact_utils.get_single_instance(output_dict[METRICS_KEY]),
        )


def without_absent_baseline(
    input_dict: dict[str, list[types.Artifact]],
) -> dict[str, list[types.Artifact]]:
    """Returns the inputs without a baseline that is marked absent.

    The stock executor expects no baseline input where there is none: it would load an empty one.
    """
    baseline = input_dict.get(standard_component_specs.BASELINE_MODEL_KEY)
    if not baseline or not is_absent(baseline[0]):
        return input_dict
    return {
        key: value
        for key, value in input_dict.items()
        if key != standard_component_specs.BASELINE_MODEL_KEY
    }
