"""Starts programs as forks of one process that has imported TFX, which takes 10 s each time.

A fork is a process of its own with its own screen, working directory, environment and exit code,
and executes the program from its first line, as `python PROGRAM …` does. Only the imports are done.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


class WarmProcess:
    """The process that has imported a module, and what it is told to start."""

    def __init__(self, module: str) -> None:
        """Starts the process; `module` and all that it imports are imported once, in it."""
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
            text=True,
        )

    def run(self, program: str, *arguments: str, env: dict[str, str]) -> tuple[int, str]:
        """Executes a program to its end; returns its exit code, and output with errors below."""
        with tempfile.TemporaryDirectory() as folder:
            files = [str(Path(folder) / name) for name in ("output", "errors")]
            request = {"argv": [program, *arguments], "env": env, "cwd": os.getcwd()}
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            print(json.dumps({**request, "files": files}), file=self._process.stdin, flush=True)
            code = int(self._process.stdout.readline())
            return code, "".join(Path(file).read_text(encoding="utf-8") for file in files)

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


def serve(module: str) -> None:
    """Forks for each line of standard input; answers with the exit code."""
    __import__(module)
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page
    for line in sys.stdin:
        request = json.loads(line)
        process = os.fork()
        if process == 0:
            execute(request)
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
    runpy.run_path(sys.argv[0], run_name="__main__")
    sys.exit(0)


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    serve(sys.argv[1])
