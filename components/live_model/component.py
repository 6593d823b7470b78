"""The LiveModel component: what is pushed now, as the baseline of the Evaluator."""

from __future__ import annotations

from tfx.types import standard_artifacts

from components.component import Component
from components.live_model.executor import DESTINATION_KEY, MODEL_KEY, VERSION_KEY, Executor


class LiveModel(Component):
    """Gives the model that is live as an artifact, marked absent where nothing is live.

    The version is a parameter, not looked up in the step, so that the cached answer is used exactly
    as long as the same version is live.

    Parameters:
        destination: `serving_model/<name>`, the Pusher's destination.
        version: Name of the live version as `find_live` gives it, "" for none; "auto" looks it up
            in the step, where the folder cannot be read before the run.
    """

    EXECUTOR = Executor
    OUTPUTS = {MODEL_KEY: standard_artifacts.Model}
    PARAMETERS = (DESTINATION_KEY, VERSION_KEY)
