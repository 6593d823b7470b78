"""The contenders, each in a module of its own with `fit(world, options)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.scoring import Lists


@dataclass(frozen=True)
class Options:
    """What can be changed of a contender.

    Attributes:
        notebook_epochs: Passes of the notebook's loop.
        notebook_steps: Steps of it that are timed where its metrics are on; 0: all.
        assignments: `trainer.key=value` texts for our model.
        preset: Preset of our model.
        seed: Of contenders that draw: initial values, dropout, order.
        sasrec_epochs: Passes of SASRec.
    """

    notebook_epochs: int = 5
    notebook_steps: int = 8
    assignments: tuple[str, ...] = ()
    preset: str = "default"
    seed: int = 42
    sasrec_epochs: int = 25


@dataclass(frozen=True)
class Fitted:
    """A contender after its training.

    Attributes:
        lists: Makes the ranked lists; None where the contender is timed only.
        fit_seconds: Wall-clock time of the training.
        notes: Further figures and remarks, by name.
    """

    lists: Callable[[], Lists] | None
    fit_seconds: float
    notes: dict[str, Any] = field(default_factory=dict)


# Name → (module, title). The order of the table.
CONTENDERS = {
    "popularity": ("popularity", "most rated movies"),
    "notebook-metrics": ("notebook_loop", "notebook's loop as it stands"),
    "notebook": ("notebook_loop", "notebook's loop, metrics off"),
    "als": ("implicit_als", "implicit ALS (library implicit)"),
    "ease": ("ease", "EASE (numpy, after Steck 2019)"),
    "transitions": ("transitions", "decayed transitions, closed form"),
    "sasrec": ("sasrec", "SASRec (library RecTools)"),
    "history": ("two_tower", "ours without order (trainer.query=history)"),
    "ours": ("two_tower", "ours"),
}
# They take minutes: measured once, whatever the number of rounds.
ONCE = ("notebook-metrics", "notebook", "sasrec")
# Name → folder of the environment that has its packages, where they do not go with TFX's.
ENVIRONMENTS = {"sasrec": ".venv-peers"}
