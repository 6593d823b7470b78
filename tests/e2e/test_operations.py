"""Days of operation: spans by schedule, a rollback, a batch, clean-up; each builds on the last."""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import local_runner
import schemas
from benchmarks.daily_spans import cut
from benchmarks.simulated_clock import SimulatedClock
from components.served_versions.publish import same_files
from components.served_versions.versions import find_live
from pipeline.local.scheduling import schedule
from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import Workspace
from tests.e2e.conftest import FAST, PROJECT, Done, Runner, environment

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

OPEN = ("gate.min_top_100_accuracy=0", "gate.min_popularity_ratio=0", "gate.max_drop=1")
START = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted, and fails nevertheless."""

    bodies: list[Any] = []

    def do_POST(self) -> None:
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(500)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def hook() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/s3cret"
    server.shutdown()


@dataclass
class World:
    """The folders, and what the schedule said."""

    data: Path
    root: Path
    start: Runner
    said: list[str] = field(default_factory=list)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root, "movielens")

    def entries(self) -> list[dict[str, Any]]:
        return history.read_entries(self.workspace.history)

    def run(self, *settings: str) -> Done:
        return self.start(
            self.root, "--data-root", str(self.data), settings=(*FAST, *OPEN, *settings)
        )

    def command(self, *line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(sys.executable, str(PROJECT / "local_runner.py")),
                *("--output-root", str(self.root), *line),
            ],
            capture_output=True,
            text=True,
            env=environment(),
            check=False,
        )


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, ratings: Path, hook: str, run_warm: Runner
) -> World:
    """Three days: a span, no span, a span."""
    position = tmp_path_factory.mktemp("operations")
    spans, world = position / "spans", World(position / "data", position / "runs", run_warm)
    cut(ratings, spans, days=1, base_share=0.7)
    world.data.mkdir()
    arrivals = iter(["span-0", None, "span-1"])

    def arrive(_: datetime.datetime) -> bool:
        try:
            folder = next(arrivals)
        except StopIteration:
            return False
        if folder:
            shutil.copytree(spans / folder, world.data / folder)
        return True

    line = ["--data-root", str(world.data), "--output-root", str(world.root)]
    for setting in (*FAST, *OPEN, f"notify.webhook={hook}"):
        line += ["--set", setting]
    line += ["--schedule", "0 3 * * *"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [local_runner.__file__])
        patch.setattr(schedule, "_say", world.said.append)
        parsed = local_runner.build_parser().parse_args(line)
        assert schedule.serve(parsed, line, SimulatedClock(START, arrive)) == 0
    return world


def test_schedule_runs_where_something_new_arrived_and_skips_where_not(world: World) -> None:
    entries = world.entries()
    assert [entry["status"] for entry in entries] == ["pushed", "pushed"], world.said
    assert [entry["data"]["span"] for entry in entries] == ["0", "0-1"]
    assert [s["version"] for s in entries[1]["data"]["spans"]] == [0, 0]
    # 70 % of 20,000 ratings, then all.
    assert [entry["data"]["ratings"] for entry in entries] == [14_000, 20_000]
    assert any("2026-03-02 03:00 skipped: nothing new" in said for said in world.said)
    # The second model was measured against the first.
    assert entries[1]["baseline_version"] == entries[0]["pushed"]["version"]


def test_drift_of_the_newest_span_against_the_first_model(world: World) -> None:
    first, second = world.entries()
    assert first["drift"] == []  # nothing was live

    def users(span: str) -> set[bytes]:
        rows = (world.data / span / "ratings.dat").read_bytes().splitlines()
        return {row.split(b"::")[0] for row in rows}

    before, newest = users("span-0"), users("span-1")
    measures = {measure["name"]: measure["value"] for measure in second["drift"]}
    # Of the train part: users of one or two ratings may have none there.
    expected = len(newest - before) / len(newest)
    assert measures["share of new users"] == pytest.approx(expected, abs=0.03)
    assert 0 <= measures["rating: Jensen-Shannon divergence"] < 0.1
    assert [component["id"] for component in second["components"]].count("NewestSpan") == 1


def test_webhook_was_told_and_its_failure_did_no_harm(world: World, hook: str) -> None:
    assert [body["status"] for body in Hook.bodies] == ["pushed", "pushed"]
    assert Hook.bodies[1]["live_version"] == world.entries()[1]["pushed"]["version"]
    for path in (*world.root.glob("*.json"), *world.root.glob("*/*.jsonl")):
        assert "s3cret" not in path.read_text()


@pytest.fixture(scope="module")
def rolled_back(world: World) -> Done:
    """Back to the first model, then a run with data and settings of the second."""
    done = world.command("rollback", "--reason", "complaints")
    assert done.returncode == 0, done.stderr
    return world.run()


def test_rollback_makes_the_first_model_live_and_holds(world: World, rolled_back: Done) -> None:
    live = find_live(world.workspace.serving)
    assert live is not None
    assert same_files(live[1], world.workspace.serving / world.entries()[0]["pushed"]["version"])
    assert (rolled_back.code, rolled_back.record["status"]) == (0, "nothing_new")
    assert "was rolled back: complaints" in rolled_back.record["reason"]
    listed = json.loads(world.command("models", "--json").stdout)
    assert [version["live"] for version in listed] == [True, False, False]
    assert listed[0]["copy_of"] == listed[2]["version"]


def test_recommend_all_with_the_live_model(world: World, rolled_back: Done, tmp_path: Path) -> None:
    output = tmp_path / "all.parquet"
    done = world.command("recommend", "--users", "all", "--output", str(output), "--k", "10")
    assert done.returncode == 0, done.stderr
    table = pq.read_table(output).to_pydict()
    live = find_live(world.workspace.serving)
    assert live is not None
    users = set((live[1] / "assets" / "user_id").read_text().split())
    assert set(table["user"]) == users
    assert len(table["user"]) == 10 * len(users)
    assert set(table["rank"]) == set(range(1, 11))


@pytest.fixture(scope="module")
def cleaned(world: World, rolled_back: Done) -> Done:
    """Forward to the second model, all else cleaned away, then a run with its data and settings."""
    second = world.entries()[1]["pushed"]["version"]
    assert world.command("rollback", second, "--reason", "it was fine").returncode == 0
    done = world.command("clean", "--older-than", "0m", "--keep-versions", "2")
    assert done.returncode == 0, done.stderr
    return world.run()


def test_run_after_clean_pushes_nothing(world: World, cleaned: Done) -> None:
    assert (cleaned.code, cleaned.record["status"]) == (0, "nothing_new"), cleaned.screen
    assert len(cleaned.versions()) == 2
    live = find_live(world.workspace.serving)
    assert live is not None
    assert cleaned.record["pushed"]["version"] == live[0]


def test_run_with_new_settings_after_clean_trains_on_what_is_left(
    world: World, cleaned: Done
) -> None:
    done = world.run("trainer.seed=5", "retention.keep_versions=1")
    assert done.record["status"] == "pushed", done.screen
    # What the run of the live model left was kept, and is used.
    assert done.cached()["Transform"]
    assert not done.cached()["Trainer"]
    assert done.versions() == [done.record["pushed"]["version"]]
    assert len(done.record["removed_versions"]) == 2


def test_run_may_start_from_the_live_model(world: World, cleaned: Done) -> None:
    done = world.run("trainer.warm_start=true", "trainer.warm_epochs=2", "trainer.seed=6")
    assert done.record["status"] == "pushed", done.screen
    start = done.record["training"]["start"]
    assert (start["kind"], start["new_movies"]) == ("warm", 0)
    assert done.record["training"]["epochs"] == 2


def test_run_told_to_stop_for_drift_trains_nothing(world: World, cleaned: Done) -> None:
    before = sorted(path.name for path in world.workspace.serving.iterdir())
    done = world.run("drift.action=stop", "drift.max_new_user_share=0", "drift.newest_span=false")
    # The live model knows all users: that is no drift.
    assert done.code == 0, done.screen
    schema = world.root / "strict.pbtxt"
    text = schemas.INTERACTIONS.read_text()
    strict = text.replace("threshold: 0.1 }", "threshold: 0 }")
    assert strict != text
    schema.write_text(strict)
    done = world.run("drift.action=stop", f"schema.path={schema}")
    assert done.code == 2, done.screen
    assert "the data differ from those of the live model: " in done.record["reason"]
    assert "Traceback" not in done.screen
    assert set(before) <= {path.name for path in world.workspace.serving.iterdir()}
    assert not any(c["id"] == "Trainer" for c in done.record["components"] if c["state"] == "done")
