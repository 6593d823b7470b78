"""The measures of drift, as the component writes and reads them."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass

from tfx.dsl.io import fileio
from tfx.utils import io_utils

_FILE = "drift.json"


@dataclass(frozen=True)
class Measure:
    """One comparison with the data of the live model.

    Attributes:
        name: What was compared, and by which measure.
        value: The measure, in [0, 1].
        threshold: More than this is drift.
    """

    name: str
    value: float
    threshold: float

    @property
    def drifted(self) -> bool:
        """Whether it is more than the threshold."""
        return self.value > self.threshold

    def __str__(self) -> str:
        relation = "more than" if self.drifted else "at most"
        return f"{self.name} is {self.value:.3f}, {relation} {self.threshold:g}"


def write(folder: str, measures: list[Measure]) -> None:
    """Writes the measures; none where nothing is live."""
    text = json.dumps([dataclasses.asdict(measure) for measure in measures], indent=2)
    io_utils.write_string_file(os.path.join(folder, _FILE), text)


def read(folder: str) -> list[Measure]:
    """Reads what `write` wrote."""
    with fileio.open(os.path.join(folder, _FILE)) as file:
        return [Measure(**fields) for fields in json.loads(file.read())]


def warning(measures: list[Measure]) -> str:
    """Returns what has drifted, in one line; empty if nothing has."""
    drifted = [str(measure) for measure in measures if measure.drifted]
    if not drifted:
        return ""
    return "the data differ from those of the live model: " + "; ".join(drifted)
