"""The result of the serving check: written into the InfraBlessing and read again."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import Any

from tfx.dsl.io import fileio
from tfx.utils import io_utils

FILE_NAME = "serving_check.json"


@dataclass(frozen=True)
class Check:
    """One check, whether it passed, and a detail with figures."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class ServingCheckResult:
    """All checks of one exported model.

    Attributes:
        checks: In the order in which they ran.
        latency_ms: Median time of a query for one user in milliseconds; None if not measured.
        seconds: Time from the request to the end of the process; what it did ahead is not in it.
    """

    checks: tuple[Check, ...]
    latency_ms: float | None = None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether there are checks and all of them passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def reason(self) -> str:
        """One sentence: what failed, with figures; or how many checks passed."""
        failed = [f"{check.name}: {check.detail}" for check in self.checks if not check.passed]
        if failed:
            return f"the exported model fails the serving check ({'; '.join(failed)})"
        return f"the exported model passes the {len(self.checks)} checks of serving"

    @property
    def reasons(self) -> list[str]:
        """Why the model was refused; empty if it was not."""
        return [] if self.passed else [self.reason]


def failure(name: str, detail: str, seconds: float) -> ServingCheckResult:
    """Returns the verdict on a model of which nothing else is known."""
    return ServingCheckResult((Check(name, False, detail),), seconds=seconds)


def from_probe(result: dict[str, Any], seconds: float) -> ServingCheckResult:
    """Returns the verdict that the probe's result amounts to."""
    checks = tuple(Check(**check) for check in result["checks"])
    return ServingCheckResult(checks, result["latency_ms"], seconds)


def write_check(uri: str, verdict: ServingCheckResult) -> None:
    """Writes the verdict into the folder of an artifact."""
    text = json.dumps({"passed": verdict.passed, **asdict(verdict)}, indent=2)
    io_utils.write_string_file(os.path.join(uri, FILE_NAME), text)


def read_check(uri: str) -> ServingCheckResult:
    """Reads the verdict from the folder of an InfraBlessing artifact."""
    with fileio.open(os.path.join(uri, FILE_NAME)) as file:
        content = json.loads(file.read())
    checks = tuple(Check(**check) for check in content["checks"])
    return ServingCheckResult(checks, content["latency_ms"], content["seconds"])
