"""Whatever stands in the history: every reader of it ends, and with an answer."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from pipeline.local.commands.clean import live_origin, newest_keep
from pipeline.local.commands.models import print_versions
from pipeline.local.commands.rollback import RollbackError, select_version
from pipeline.local.run.plan import make_plan
from pipeline.local.workspace import history
from pipeline.local.workspace.versions import list_versions
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.synthetic import push

# Values that a field of any type may be damaged to. A string of "3" is a version here.
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 3, 10**30, 1.5, 1e308, "", "3", "1", "99", "x", "[/b]", "\x1b[2J"),
    *("\ud800", "9" * 400, [], [1], [[]], {}, {"version": "3"}, {"a": {"b": [None]}}, ["3"]),
]


def places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Returns the way to everything in an entry."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, below in inner:
        found.append((*before, key))
        if isinstance(below, dict | list):
            found += places(below, (*before, key))
    return found


def mutated(entry: dict[str, Any], chance: random.Random) -> bytes:
    """Returns the line of an entry in which one to three things are another value, or gone."""
    entry = copy.deepcopy(entry)
    for _ in range(chance.randint(1, 3)):
        way = chance.choice(places(entry))
        *outer, last = way
        place: Any = entry
        for key in outer:
            place = place[key]
        if chance.random() < 0.2:
            del place[last]
        else:
            place[last] = copy.deepcopy(chance.choice(VALUES))
        if not entry:
            break
    line = json.dumps(entry).encode()
    return line[: chance.randint(0, len(line))] if chance.random() < 0.05 else line


@pytest.mark.parametrize("seed", range(40))
def test_readers_of_a_damaged_history_answer(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(seed)
    workspace = Workspace(tmp_path / "runs", "p")
    config = {"retention": {"keep_versions": 2}}
    gate = [{"name": "a", "value": 0.5, "threshold": 0.1, "passed": True}]
    entries = [push(workspace, version, config=config, gate=gate) for version in "12"]
    copies = {"status": "rolled_back", "copy_of": "1", "replaced": "2", "reason": "bad"}
    entries.append(push(workspace, "3", config=config, gate=gate, **copies))
    good = len(entries)
    for _ in range(10):
        lines = [mutated(chance.choice(entries), chance) for _ in range(30)]
        workspace.history.write_bytes(b"\n".join(lines) + b"\n")
        read = history.read_entries(workspace.history)
        assert len(read) + sum(not line.strip() for line in lines) <= 30
        told = history.damage(workspace.history)
        assert told.isprintable()
        assert bool(told) == (len(read) < sum(bool(line.strip()) for line in lines))
        for as_json in (False, True):
            assert print_versions(workspace, as_json) == 0
        assert (
            len(json.loads(capsys.readouterr().out.partition("[\n")[2].join(["[\n", ""]))) == good
        )
        with contextlib.suppress(RollbackError):  # none is older
            live, source = select_version(list_versions(workspace), None)
            assert int(source.name) < int(live.name)
        assert live_origin(workspace) in ("1", "2", "3")
        assert newest_keep(workspace) >= 0
        for key in ("key-1", "key-2", "key-3", "", "x"):
            plan = make_plan(read, key, workspace.serving)
            assert plan.run_key == key
            assert plan.push_token
