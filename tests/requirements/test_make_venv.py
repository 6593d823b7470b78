"""The set-up script, with stand-ins for uv, the interpreters and the C library's version."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
TOOLS = [
    "sh",
    "env",
    "sed",
    "sort",
    "head",
    "tail",
    "cat",
    "cksum",
    "mkdir",
    "rm",
    "cp",
    "mv",
    "grep",
    "ls",
    "dirname",
    "flock",
    "sleep",
    "touch",
    "chmod",
    "ln",
]

UV = """#!/bin/sh
[ "$1" = --version ] && { echo "uv PINNED (test)"; exit; }
echo "$*" >>"$LOG"
echo "bytecode=${PYTHONDONTWRITEBYTECODE-unset}" >>"$LOG"
case "$1 $2" in
"venv --quiet")
    for folder; do :; done
    mkdir -p "$folder/bin" "$folder/lib/python3.10/site-packages"
    cp "$4" "$folder/bin/python" ;;
"pip "*) sleep "${UV_SLEEP:-0}"; exit "${UV_INSTALL_RC:-0}" ;;
"python "*) exit 1 ;;
esac
"""

PYTHON = """#!/bin/sh
case "$*" in
--version) echo "Python VERSION.9" ;;
*VERSION) echo "$0" ;;
*) exit 1 ;;
esac
"""


class World:
    """A copy of requirements/ and a PATH on which only the named commands exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.log = folder / "uv.log"
        self.repository = folder / "repository"
        shutil.copytree(REQUIREMENTS, self.repository / "requirements")
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or pytest.skip(f"no {tool} here"))
        pinned = (REQUIREMENTS / "uv.txt").read_text().split()[0].removeprefix("uv==")
        self.add_command("uv", UV.replace("PINNED", pinned))
        self.add_command("uname", "#!/bin/sh\necho Linux x86_64\n")
        self.set_glibc("2.36")

    def add_command(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def add_python(self, version: str, name: str | None = None) -> None:
        self.add_command(name or f"python{version}", PYTHON.replace("VERSION", version))

    def set_glibc(self, version: str) -> None:
        self.add_command("getconf", f"#!/bin/sh\necho glibc {version}\n")

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        basics = {"PATH": str(self.bin), "HOME": str(self.folder), "LOG": str(self.log)}
        return subprocess.Popen(
            ["sh", str(self.repository / "requirements" / "make_venv.sh"), *arguments],
            env={**basics, **environment},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, list[str]]:
        """Returns the exit code and the lines on the screen."""
        process = self.start(*arguments, **environment)
        _, errors = process.communicate(timeout=60)
        return process.returncode, errors.splitlines()

    def installs(self) -> list[str]:
        """Returns the calls of `uv pip` so far."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.startswith("pip ")]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_set_up_installs_the_lock_by_hash_with_byte_code(world: World) -> None:
    world.add_python("3.10")
    code, _ = world.run(PYTHONDONTWRITEBYTECODE="1")
    assert code == 0
    (install,) = world.installs()
    assert install.startswith("pip sync requirements/compatible.txt ")
    assert {"--require-hashes", "--compile-bytecode"} <= set(install.split())
    assert world.log.read_text().endswith("bytecode=unset\n")


def test_second_call_does_nothing(world: World) -> None:
    world.add_python("3.10")
    world.run()
    before = world.log.read_text()
    assert world.run() == (0, [])
    assert world.log.read_text() == before


def test_changed_lock_is_brought_into_the_same_environment(world: World) -> None:
    world.add_python("3.10")
    world.run("bench")
    mark = world.repository / ".venv" / "mark"
    mark.touch()
    with (world.repository / "requirements" / "compatible.txt").open("a") as lock:
        lock.write("one-more==1 \\\n")
    assert world.run()[0] == 0
    assert mark.exists()
    assert len(world.installs()) == 3
    world.run("bench")  # `uv pip sync` took it away with all that is not in the main lock
    assert len(world.installs()) == 4


def test_stopped_update_starts_from_an_empty_environment(world: World) -> None:
    world.add_python("3.10")
    world.run()
    mark = world.repository / ".venv" / "mark"
    mark.touch()
    with (world.repository / "requirements" / "compatible.txt").open("a") as lock:
        lock.write("one-more==1 \\\n")
    assert world.run(UV_INSTALL_RC="1")[0] == 1
    assert world.run()[0] == 0
    assert not mark.exists()


@pytest.mark.parametrize(
    ("glibc", "python", "lock"),
    [
        ("2.9", "3.10", "compatible"),  # a comparison as text would call 2.9 newer than 2.39
        ("2.38", "3.10", "compatible"),
        ("2.39", "3.12", "current"),
        ("2.41", "3.13", "current"),
        ("2.100", "3.11", "current"),
    ],
)
def test_stack_follows_glibc(world: World, glibc: str, python: str, lock: str) -> None:
    world.set_glibc(glibc)
    world.add_python(python)
    assert world.run()[0] == 0
    assert world.installs()[0].startswith(f"pip sync requirements/{lock}.txt ")


def test_python_is_found_under_pyenv(world: World) -> None:
    folder = world.folder / ".pyenv" / "versions" / "3.10.4" / "bin"
    folder.mkdir(parents=True)
    world.add_python("3.10", "real")
    (world.bin / "real").rename(folder / "python")
    world.add_command("python3.10", "#!/bin/sh\nexit 127\n")  # pyenv's shim of an inactive version
    assert world.run()[0] == 0
    assert f"--python {folder / 'python'}" in world.log.read_text()


def test_no_interpreter_is_one_line_that_says_what_to_install(world: World) -> None:
    world.add_python("3.11", "python3")  # not one of the stack
    code, lines = world.run()
    assert code == 1
    assert lines[-1].startswith("set-up: no Python 3.10 ")
    assert "install Python 3.10" in lines[-1]
    assert not (world.repository / ".venv").exists()


def test_named_python_of_another_version_is_refused(world: World) -> None:
    world.add_python("3.10")
    world.add_python("3.11")
    code, lines = world.run(PYTHON=str(world.bin / "python3.11"))
    assert code == 1
    assert lines == [f"set-up: PYTHON={world.bin}/python3.11 is not a working Python 3.10"]


def test_neither_uv_nor_pip_is_one_line_that_says_what_to_install(world: World) -> None:
    (world.bin / "uv").unlink()
    world.add_python("3.10")  # without pip and without ensurepip
    code, lines = world.run()
    assert code == 1
    assert len(lines) == 1
    assert "install python3 and python3-venv" in lines[0]


def test_other_platform_is_refused(world: World) -> None:
    world.add_command("uname", "#!/bin/sh\necho Linux aarch64\n")
    code, lines = world.run()
    assert code == 1
    assert len(lines) == 1
    assert "this is Linux aarch64" in lines[0]


def test_failed_install_is_repeated_by_the_next_call(world: World) -> None:
    world.add_python("3.10")
    code, lines = world.run(UV_INSTALL_RC="1")
    assert code == 1
    assert "run it again to go on" in lines[-1]
    assert world.run()[0] == 0
    assert len(world.installs()) == 2


def test_killed_set_up_is_repeated_by_the_next_call(world: World) -> None:
    world.add_python("3.10")
    process = world.start(UV_SLEEP="30")
    while not world.installs():
        time.sleep(0.01)
    # The script and what it started: start_new_session gave them a process group of their own.
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert world.run()[0] == 0
    assert len(world.installs()) == 2


def test_two_set_ups_at_once_install_once(world: World) -> None:
    world.add_python("3.10")
    processes = [world.start(UV_SLEEP="0.5") for _ in range(2)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0]
    assert len(world.installs()) == 1


def test_bench_is_added_to_what_is_there(world: World) -> None:
    world.add_python("3.10")
    world.run()
    assert world.run("bench")[0] == 0
    assert world.installs()[-1].startswith(
        "pip install --no-deps --requirement requirements/bench-compatible.txt "
    )
    assert world.run("bench") == (0, [])
    assert len(world.installs()) == 2


def test_peers_have_an_environment_of_their_own(world: World) -> None:
    world.add_python("3.10")
    assert world.run("peers")[0] == 0
    assert world.installs()[-1].startswith("pip sync requirements/peers-compatible.txt ")
    assert "--python .venv-peers/bin/python" in world.installs()[-1]
    assert not (world.repository / ".venv").exists()
    assert world.run("peers") == (0, [])
    assert world.run()[0] == 0
    assert world.installs()[-1].startswith("pip sync requirements/compatible.txt ")
    assert "--python .venv/bin/python" in world.installs()[-1]
    assert len(world.installs()) == 2


def test_unknown_addition_is_refused(world: World) -> None:
    world.add_python("3.10")
    code, lines = world.run("gpu")
    assert code == 1
    assert lines == ["set-up: no such addition: gpu (there are: bench, peers)"]
