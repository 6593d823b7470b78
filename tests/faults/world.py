"""The output root of the faults, the commands that are killed in it, and what must hold after."""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import shutil
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tensorflow as tf

from components.served_versions.versions import find_live, is_complete
from pipeline.local.workspace import history
from pipeline.local.workspace.versions import list_versions, origin
from pipeline.local.workspace.workspace import Workspace
from tests.e2e.conftest import PROJECT, command, environment
from tests.e2e.warm_start import WarmProcess
from tests.faults.faulty import assert_sound

RUNNER = str(PROJECT / "local_runner.py")
FILE_EVENTS = (Path(__file__).parent / "file_events.py").read_text(encoding="utf-8")
# The smallest that trains; no gate can refuse.
SETTINGS = (
    "trainer.embedding_dim=4",
    "trainer.batch_size=16",
    "trainer.epochs=1",
    "evaluator.bootstrap_samples=2",
    "gate.min_top_100_accuracy=0",
    "gate.min_popularity_ratio=0",
    "gate.max_drop=1",
)
# The first time of the schedule comes at once, the others when the clock says so.
SOON = """
import pipeline.local.scheduling.schedule as schedule
class Soon(schedule.Clock):
    come = False
    def wait_until(self, time, stop):
        if self.come:
            return super().wait_until(time, stop)
        self.come = True
        return not stop.wait(0.1)
schedule.Clock = Soon
"""
# As in a new process: a group of its own, and the temporary directory not yet chosen.
OWN = "import os, tempfile\nos.setsid()\ntempfile.tempdir = None\n"
# For a machine that is shared with much else it can be made longer.
_LONGEST_SECONDS = float(os.environ.get("FAULTS_SECONDS", "600"))


@dataclass(frozen=True)
class Moment:
    """When a signal is sent: at a change of a file, by its count, or after so many seconds.

    Attributes:
        change: Count of the change; 0 for none.
        area: Folder in the output root in which changes are counted; "" for the whole.
        seconds: Seconds after the start; not counted where there is a change.
    """

    change: int = 0
    area: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        change = f"change {self.change} of {self.area or 'all'}"
        return change if self.change else f"{self.seconds:.1f} s"


@dataclass(frozen=True)
class Ended:
    """A command that has ended.

    Attributes:
        code: Exit code, or minus the signal.
        screen: What it printed.
        changes: By area the changes to files that it made; {} where it was killed.
        reached: Whether it was still there at the moment of the signal.
    """

    code: int
    screen: str
    changes: dict[str, int]
    reached: bool = False


@dataclass(frozen=True)
class State:
    """What is compared before and after.

    Attributes:
        history: Bytes of the history.
        complete: Names of the complete versions.
        live: Name of the live version.
    """

    history: bytes
    complete: frozenset[str]
    live: str


@dataclass
class World:
    """An output root with some versions, and the process that starts commands in it.

    Attributes:
        folder: Where the data, the output root and copies of it are.
        data: Data root.
        warm: Process that has imported what the commands import.
        seed: `trainer.seed` of the next run.
        seeds: Seeds used so far.
        children: Processes of a command that was sent a signal.
        rehearsed: Seconds, and changes to files, of a run that trained and pushed.
    """

    folder: Path
    data: Path
    warm: WarmProcess
    seed: int = 1
    seeds: int = 1
    children: list[int] = field(default_factory=list)
    rehearsed: tuple[float, dict[str, int]] = (0.0, {})

    def __post_init__(self) -> None:
        self.root = self.folder / "runs"
        self.workspace = Workspace(self.root, "movielens")
        (self.folder / "tmp").mkdir()
        (self.folder / "tmp").chmod(0o1777)

    # What is started.

    def run_line(self, seed: int, *options: str) -> list[str]:
        """Returns the arguments of a run."""
        settings = (*SETTINGS, f"trainer.seed={seed}")
        return command(self.root, "--data-root", str(self.data), *options, settings=settings)[2:]

    def new_seed(self) -> int:
        """Makes the next run train a model that there is none of yet."""
        self.seeds += 1
        self.seed = self.seeds
        return self.seed

    def execute(
        self,
        line: list[str],
        moment: Moment | None = None,
        number: signal.Signals = signal.SIGKILL,
        before: str = "",
        **variables: str,
    ) -> Ended:
        """Starts the runner, sends it a signal at a moment (None: never), and waits for its end.

        Args:
            line: Its arguments.
            moment: When the signal is sent; None: never.
            number: The signal.
            before: Statements that its process executes first.
            variables: Of its environment.
        """
        note = self.folder / "changes"
        note.unlink(missing_ok=True)
        area, at = (moment.area, moment.change) if moment else ("", 0)
        watch = f"watch({str(self.root)!r}, {int(number)}, {area!r}, {at}, {str(note)!r})\n"
        soon = SOON if any(option.startswith("--schedule") for option in line) else ""
        started = self.warm.start(
            *(RUNNER, *line),
            env={**environment(), "TMPDIR": str(self.folder / "tmp"), **variables},
            before=f"{FILE_EVENTS}\n{OWN}{soon}{before}\n{watch}",
        )
        process = os.pidfd_open(started.pid)
        sent, in_time = False, True
        try:
            if moment and not moment.change and not _ended_within(process, moment.seconds):
                self.children = _children(started.pid)
                _send(process, started.pid, number)
                sent = True
            in_time = _ended_within(process, _LONGEST_SECONDS)
            if not in_time:
                signal.pidfd_send_signal(process, signal.SIGKILL)
        finally:
            os.close(process)
        code, screen = started.wait()  # whatever came: the next one is started after its answer
        assert in_time, f"{line} did not end in {_LONGEST_SECONDS:.0f} s:\n{screen[-2000:]}"
        changes = json.loads(note.read_text()) if note.exists() else {}
        # A process that was killed leaves no count; an area that is not in it has no change.
        reached = sent or (bool(at) and at <= (changes.get(area, 0) if changes else at))
        return Ended(code, screen, changes, reached)

    # What must hold.

    def state(self) -> State:
        """Returns what is there now."""
        path, live = self.workspace.history, find_live(self.workspace.serving)
        complete = [v.name for v in list_versions(self.workspace) if v.complete]
        written = path.read_bytes() if path.exists() else b""
        return State(written, frozenset(complete), live[0] if live else "")

    def check_after_kill(self, before: State, ended: Ended, removes: bool) -> State:
        """Asserts that nothing is lost, that `models` answers, and that what is live answers."""
        assert "Traceback" not in ended.screen, ended.screen
        assert_sound(self.root)
        after = self.state()
        assert after.history.startswith(before.history), "the history was rewritten"
        assert int(after.live) >= int(before.live), (before, after)
        if not removes:
            assert before.complete <= after.complete, (before, after)
        listed = self.execute([*self.root_line(), "models", "--json"])
        assert listed.code == 0, listed.screen
        versions = json.loads(listed.screen)
        assert [v["version"] for v in versions if v["live"]] == [after.live], listed.screen
        self.check_answers()
        return after

    def check_answers(self) -> None:
        """Asserts that the live model loads and recommends something."""
        live = find_live(self.workspace.serving)
        assert live is not None
        model = tf.saved_model.load(str(live[1]))
        answer = model.signatures["serving_default"](user_id=tf.constant(["1"]))
        assert answer["known"].numpy().tolist() == [True]
        assert answer["movie_id"].numpy()[0, 0] != b""

    def check_next_run(self, pushes: bool, trains: bool = False) -> State:
        """Runs once more; asserts that it ends with a model of this seed live or withdrawn.

        Args:
            pushes: Whether its model must be live then: its push was what was killed.
            trains: Whether it may train again, as after a run without the cache that ended early.
        """
        ended = self.execute(self.run_line(self.seed))
        assert ended.code == 0, ended.screen
        assert "Traceback" not in ended.screen, ended.screen
        record: dict[str, Any] = json.loads(self.workspace.last_run.read_text())
        after = self.state()
        entries = history.read_entries(self.workspace.history)
        entry = history.entry_of_version(entries, after.live)
        assert entry is not None, f"{after.live} is not in the history"
        if pushes or (trains and record["status"] == "pushed"):
            assert record["status"] in ("pushed", "nothing_new"), record
            assert record["pushed"]["version"] == after.live, record
            assert entry["run_key"] == record["run_key"], record
        else:
            assert record["status"] == "nothing_new", record["reason"]
        for version in after.complete:
            assert history.entry_of_version(entries, version), f"{version} is not in the history"
        assert history.damage(self.workspace.history) == ""
        assert list(self.workspace.intents.glob("*")) == []
        return after

    # The commands beside a run.

    def root_line(self) -> list[str]:
        return ["--output-root", str(self.root)]

    def rollback_line(self, random_: random.Random) -> list[str] | None:
        """Returns a rollback to a version of another model than the live one; None for none."""
        versions = {version.name: version for version in list_versions(self.workspace)}
        live = next(version for version in versions.values() if version.live)
        others = [
            version.name
            for version in versions.values()
            if is_complete(version.path) and origin(version, versions) != origin(live, versions)
        ]
        if not others:
            return None
        return [*self.root_line(), "rollback", random_.choice(others), "--reason", "soak"]

    def clean_line(self) -> list[str]:
        """Returns a `clean` that removes what it can."""
        return [*self.root_line(), "clean", "--older-than", "0m", "--keep-versions", "2"]

    def end_children(self) -> None:
        """Ends the run that a killed scheduler left, as the end of its service would."""
        for pid in self.children:
            try:
                process = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            signal.pidfd_send_signal(process, signal.SIGTERM)
            assert _ended_within(process, _LONGEST_SECONDS), f"process {pid} does not end"
            os.close(process)
        self.children = []

    # A state to start from again.

    def save(self) -> None:
        """Keeps a copy of the output root."""
        shutil.copytree(self.root, self.folder / "saved", symlinks=True)
        self._saved_seed = self.seed

    def restore(self) -> None:
        """Puts the copy in its place again."""
        shutil.rmtree(self.root)
        (self.folder / "changes").unlink(missing_ok=True)
        shutil.copytree(self.folder / "saved", self.root, symlinks=True)
        self.seed = self._saved_seed


def _ended_within(process: int, seconds: float) -> bool:
    """Returns whether the process of a descriptor ends within some seconds."""
    return bool(select.select([process], [], [], seconds)[0])


def _send(process: int, pid: int, number: signal.Signals) -> None:
    """Sends a signal to a process; SIGHUP to its group, as a terminal that closes does."""
    with contextlib.suppress(ProcessLookupError):
        if number == signal.SIGHUP:
            os.killpg(pid, number)
        else:
            signal.pidfd_send_signal(process, number)


def _children(pid: int) -> list[int]:
    """Returns the processes that a process has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in brackets, may hold anything; after it come state and parent.
            parent = status.read_text().rpartition(")")[2].split()[1]
            if int(parent) == pid:
                found.append(int(status.parent.name))
    return found
