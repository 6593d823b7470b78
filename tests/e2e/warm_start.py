"""Starts programs as forks of one process that has imported TFX, which takes 10 s each time.

A fork is a process of its own with its own screen, working directory, environment and exit code,
and executes the program from its first line, as `python PROGRAM …` does. Only the imports are done.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

_FILES = ("output", "errors")


class Started:
    """A program that was started and may be sent signals.

    Attributes:
        pid: Its process.
    """

    def __init__(self, pid: int, answers: IO[str], folder: Path) -> None:
        """Takes the process and where its exit code will be read."""
        self.pid = pid
        self._answers, self._folder = answers, folder

    def wait(self) -> tuple[int, str]:
        """Waits for its end; returns exit code, or minus the signal, and output with errors."""
        code = int(self._answers.readline())
        files = [self._folder / name for name in _FILES]
        screen = "".join(file.read_text(encoding="utf-8") for file in files if file.exists())
        shutil.rmtree(self._folder)
        return code, screen


class WarmProcess:
    """The process that has imported a module, and what it is told to start."""

    def __init__(self, module: str, prepare: str = "") -> None:
        """Starts the process.

        Args:
            module: It and all that it imports are imported once, in the process.
            prepare: Statements that the process executes after that.
        """
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), module, prepare],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
            text=True,
        )

    def run(self, program: str, *arguments: str, env: dict[str, str]) -> tuple[int, str]:
        """Executes a program to its end; returns its exit code, and output with errors below."""
        return self.start(program, *arguments, env=env).wait()

    def start(
        self, program: str, *arguments: str, env: dict[str, str], before: str = ""
    ) -> Started:
        """Starts a program; the next one can be started when this one has ended.

        Args:
            program: Path of the program.
            arguments: Its arguments.
            env: Its environment.
            before: Statements that its process executes first.
        """
        folder = Path(tempfile.mkdtemp())
        files = [str(folder / name) for name in _FILES]
        request = {"argv": [program, *arguments], "env": env, "cwd": os.getcwd(), "before": before}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({**request, "files": files}), file=self._process.stdin, flush=True)
        return Started(int(self._process.stdout.readline()), self._process.stdout, folder)

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


def serve(module: str, prepare: str) -> None:
    """Forks for each line of standard input; answers with the process, then with its exit code."""
    __import__(module)
    exec(prepare, {})
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page
    for line in sys.stdin:
        request = json.loads(line)
        process = os.fork()
        if process == 0:
            execute(request)
        print(process, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


def execute(request: dict[str, Any]) -> None:
    """Becomes the program: in the fork."""
    for number, file in ((0, os.devnull), *enumerate(request["files"], start=1)):
        opened = os.open(file, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.argv = request["argv"]
    exec(request["before"], {"__name__": "before"})
    runpy.run_path(sys.argv[0], run_name="__main__")
    sys.exit(0)


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    serve(*sys.argv[1:])
