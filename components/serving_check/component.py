"""The ServingCheck component: does the exported model answer as a server needs it to?"""

from __future__ import annotations

from tfx.types import standard_artifacts

from components.component import Component
from components.serving_check.executor import (
    BLESSING_KEY,
    CONFIG_KEY,
    EXAMPLES_KEY,
    MODEL_KEY,
    MOVIES_KEY,
    Executor,
)


class ServingCheck(Component):
    """Loads the exported model in a fresh process, queries it, and blesses it if all is right.

    Inputs:
        model: The trained Model.
        examples: Examples with the split train, one Example per user.
        movies: Examples with the split movies, the catalogue.

    Parameters:
        config: ServingCheckConfig: what is asked and what is accepted.
    """

    EXECUTOR = Executor
    INPUTS = {
        MODEL_KEY: standard_artifacts.Model,
        EXAMPLES_KEY: standard_artifacts.Examples,
        MOVIES_KEY: standard_artifacts.Examples,
    }
    OUTPUTS = {BLESSING_KEY: standard_artifacts.InfraBlessing}
    PARAMETERS = (CONFIG_KEY,)
