"""What is killed, how, and what came of it: drawn from a seed, counted in a table."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.interrupts import exit_code
from tests.faults.world import Ended, Moment, State, World

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
# Of a hundred kills. A run trains a model, which takes longest; a push has only the Pusher left.
SHARES = {"push": 26, "rollback": 34, "clean": 21, "schedule": 14, "run": 5}
# The share of kills at a change of a file; the others come at any time.
AT_CHANGES = 0.7
# Where changes are counted: in the whole output root, and where a push and its record happen.
AREAS = ("", "serving_model", "history")
SCHEDULE_SECONDS = 6.0  # of which most is the start of a run


@dataclass(frozen=True)
class Kill:
    """One kill.

    Attributes:
        command: One of SHARES.
        number: The signal.
        moment: When it is sent.
    """

    command: str
    number: signal.Signals
    moment: Moment

    def __str__(self) -> str:
        return f"{self.number.name} in {self.command} at {self.moment}"


@dataclass
class Soak:
    """Kills one after another.

    Attributes:
        world: Where.
        random: Source of all choices.
        changes: By command and area the changes to files of one that is not killed.
        seconds: By command its duration in seconds.
        counts: By command, signal, moment, how it ended, and whether a new version is live.
        say: Told of each kill.
    """

    world: World
    random: random.Random
    say: Callable[[str], None]
    changes: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def run(self, kills: int) -> None:
        """Kills so many times; what a kill breaks is noted, and the state before all put back."""
        done, fresh = 0, True
        while done < kills:
            (name,) = self.random.choices(list(SHARES), list(SHARES.values()))
            if name == "push" and not fresh:
                self.world.restore()
                fresh = True
            # The state to start from lacks a push.
            name = "push" if fresh else name
            fresh = False
            kill = self._draw(name)
            try:
                killed = self._kill(kill)
            except AssertionError as error:
                self.failures.append(f"kill {done + 1}, {kill}: {error}")
                self.say(f"FAILED {self.failures[-1]}")
                self.world.end_children()
                self.world.restore()
                self.counts[name, kill.number.name, "failed", ""] += 1
                killed, fresh = True, True
            done += killed

    def _draw(self, name: str) -> Kill:
        number = self.random.choice(SIGNALS)
        at_change = name != "schedule" and self.random.random() < AT_CHANGES
        if not at_change:
            return Kill(name, number, Moment(seconds=self.random.uniform(0, self.seconds[name])))
        area = self.random.choice([area for area in AREAS if self.changes[name].get(area)])
        change = self.random.randint(1, self.changes[name][area])
        return Kill(name, number, Moment(change, area))

    def _kill(self, kill: Kill) -> bool:
        """Starts the command, kills it and looks; returns whether it was still there to kill."""
        line = self._line(kill.command)
        if line is None:
            return False
        before = self.world.state()
        ended = self.world.execute(line, kill.moment, kill.number)
        if not ended.reached:
            assert ended.code == 0, ended.screen
            self.say(f"not reached: {kill}")
            return False
        assert ended.code in _codes(kill), ended.screen
        after = self.world.check_after_kill(before, ended, removes=kill.command != "rollback")
        self.world.end_children()
        at_last = self.world.check_next_run(
            pushes=kill.command in ("push", "run"), trains="--no-cache" in line
        )
        if at_last.live != after.live:
            self.world.check_answers()
        self._count(kill, ended, before, after)
        return True

    def _line(self, name: str) -> list[str] | None:
        world = self.world
        if name == "rollback":
            return world.rollback_line(self.random)
        if name == "clean":
            return world.clean_line()
        if name == "schedule":
            # Half of them have a run under way, which starts all over again, the others wait.
            options = ["--no-cache"] if self.random.random() < 0.5 else []
            return world.run_line(world.seed, *options, "--schedule", "* * * * *")
        return world.run_line(world.new_seed() if name == "run" else world.seed)

    def _count(self, kill: Kill, ended: Ended, before: State, after: State) -> None:
        how = f"code {ended.code}" if ended.code >= 0 else "by the signal"
        live = "as before" if before.live == after.live else "new version"
        self.counts[kill.command, kill.number.name, how, live] += 1
        self.say(f"{kill}: {how}, {live}")

    def table(self) -> str:
        """Returns the counts as text."""
        total = sum(self.counts.values())
        lines = [f"{'command':10}{'signal':9}{'ended':16}{'live':13}{'kills':>5}"]
        lines += [
            f"{a:10}{b:9}{c:16}{d:13}{n:5}" for (a, b, c, d), n in sorted(self.counts.items())
        ]
        return "\n".join([*lines, f"{total} kills, {len(self.failures)} with a failure after them"])


def _codes(kill: Kill) -> set[int]:
    """Returns how a command may end that is sent a signal; 0 where its work was done before."""
    if kill.number == signal.SIGKILL:
        return {0, -kill.number}
    # Without a handler, as in the first moments of Python; or as an interrupted command.
    told = {0, -kill.number, exit_code(kill.number)}
    return told | {1} if kill.command in ("run", "push") else told
