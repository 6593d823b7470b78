"""Which model is live in this server, and what became of newer versions."""

from __future__ import annotations

from dataclasses import dataclass

from serving.model.served_model import ServedModel


@dataclass(frozen=True)
class FailedVersion:
    """A version that could not be loaded, and why in one line."""

    version: str
    why: str


@dataclass
class ModelHolder:
    """The live model. Replacing it is one assignment on the event loop.

    Attributes:
        live: The model that answers; None before the first one is loaded.
        loading: The version that is being loaded; "" if there is none.
        failed: The newest version that failed to load while it is newer than the live one.
        swaps: How often a model was replaced by another.
        failures: How often a version failed to load.
    """

    live: ServedModel | None = None
    loading: str = ""
    failed: FailedVersion | None = None
    swaps: int = 0
    failures: int = 0

    def replace(self, model: ServedModel) -> None:
        """Makes a model live."""
        if self.live is not None:
            self.swaps += 1
        self.live, self.failed = model, None

    def note_failure(self, version: str, why: str) -> None:
        """Remembers that a version did not load; what is live stays live."""
        self.failed = FailedVersion(version, why)
        self.failures += 1
