"""Every command that reads an output root, where each of its files is a hostile one."""

from __future__ import annotations

import functools

import pytest

from tests.hostile import command_lines
from tests.hostile.attempts import attempt, check
from tests.hostile.files import FILES, put
from tests.hostile.place import NAME, Place

KIND = "state"
PATHS = (
    "serving_model",
    f"serving_model/{NAME}",
    f"serving_model/{NAME}/4444",
    f"serving_model/{NAME}/333/variables",
    f"serving_model/{NAME}/333/variables/variables.index",
    f"serving_model/{NAME}/333/saved_model.pb",
    f"serving_model/{NAME}/333/assets/user_id",
    f"serving_model/{NAME}/.incoming-1-1",
    "history",
    f"history/{NAME}.jsonl",
    f"history/{NAME}.pending",
    f"history/{NAME}.pending/{'0' * 32}.json",
    f"history/{NAME}.pending/{'0' * 32}.writing",
    "metadata",
    f"metadata/{NAME}.db",
    "artifacts",
    f"artifacts/{NAME}",
    f"artifacts/{NAME}.orphaned-1",
    "logs",
    f"logs/{NAME}.log",
    "report",
    "schemas",
    ".lock",
    "last_run.json",
)
LINES = {
    "run": ["--data-root={place}/data"],
    "models": ["models"],
    "rollback": ["rollback", "--reason=bad"],
    "recommend": ["recommend", "--users=all", "--output=out.parquet"],
    "clean by age": ["clean", "--older-than=0m", "--keep-versions=1"],
    "inspect": ["inspect", "--data-root={place}/data"],
    "serve": ["serve"],
    "use-best": ["--use-best", "--data-root={place}/data"],
}


def test_every_command_is_tried() -> None:
    names = {command.name for command in command_lines.commands()} & {
        command.name for command in command_lines.commands() if command.program == "local_runner"
    }
    assert names - {""} <= {line[0] for line in LINES.values() if line}


@pytest.mark.parametrize("path", PATHS)
def test_file_in_the_output_root(place: Place, path: str) -> None:
    outcomes = {}
    for name, make in FILES.items():
        for command, line in LINES.items():
            options = [text.format(place=place.folder) for text in line]
            outcomes[f"{command}: {name}"] = attempt(
                KIND,
                place,
                "local_runner",
                [f"--output-root={place.root}", *options],
                codes=(0, 1, 2),
                writes=True,
                prepare=functools.partial(put, make, place.root / path),
            )
    check(outcomes)
