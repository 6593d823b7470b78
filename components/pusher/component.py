"""The Pusher component: TFX's own, with an executor that never shows half a version."""

from __future__ import annotations

from tfx import types
from tfx.components.pusher import component
from tfx.dsl.components.base import executor_spec
from tfx.proto import pusher_pb2

from components.pusher.executor import Executor


class Pusher(component.Pusher):
    """Pushes a model that the Evaluator and the serving check both blessed."""

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        model: types.BaseChannel,
        model_blessing: types.BaseChannel,
        infra_blessing: types.BaseChannel,
        destination: str,
        token: str = "",
    ) -> None:
        """Constructs the component.

        Args:
            model: the trained Model.
            model_blessing: the Evaluator's ModelBlessing.
            infra_blessing: the serving check's InfraBlessing.
            destination: `serving_model/<name>`.
            token: any text; another one makes the component run again though nothing else changed.
        """
        super().__init__(
            model=model,
            model_blessing=model_blessing,
            infra_blessing=infra_blessing,
            push_destination=pusher_pb2.PushDestination(
                filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=destination)
            ),
            custom_config={"token": token},
        )
