from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from pipeline.terminal import (
    AnswerScreen,
    Screen,
    TolerantStream,
    plain_text,
    print_line,
    visible,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),  # the C1 form of ESC [
        ("a\rb\x08\x00\x7f", r"a\x0db\x08\x00\x7f"),
        ("\u202eevil\u2066", r"\u202eevil\u2066"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Amélie 🎬 [bold]", "Amélie 🎬 [bold]"),
    ],
)
def test_visible(text, shown):
    assert visible(text) == shown


def printed(renderable, **options) -> str:
    file = io.StringIO()
    Screen(file=file, force_terminal=True, width=80, color_system="truecolor").print(
        renderable, **options
    )
    return file.getvalue()


def test_screen_shows_control_characters_of_strangers_and_keeps_its_own_styles():
    table = Table(box=None)
    table.add_column("title", style="green", min_width=40)
    table.add_row(Text("\x1b[31mred\x9b"))
    shown = printed(table)
    assert r"\x1b[31mred\x9b" in shown
    assert "\x1b[31m" not in shown
    assert "\x1b[32m" in shown  # green, of ours
    assert "\x1b[31m" not in printed("x \x1b[31m y", markup=False)


# rich leaves these out of a text by itself.
@pytest.mark.parametrize("control", ["\x07", "\x08", "\x0b", "\x0c", "\r"])
def test_no_control_character_is_left_out(control):
    escape = f"a\\x{ord(control):02x}b"
    table = Table(box=None)
    table.add_row(plain_text(f"a{control}b", "green"))
    assert escape in printed(table)
    file = io.StringIO()
    print_line(Screen(file=file), f"a{control}b")
    assert file.getvalue() == f"{escape}\n"


class Unshowable:
    """What raises when it is drawn."""

    def __rich__(self) -> str:
        raise ValueError("no [/x] \x1b[2J\nsecond line")


def test_screen_tells_once_of_what_it_cannot_show_and_goes_on():
    file = io.StringIO()
    screen = Screen(file=file)
    screen.print(Unshowable())
    screen.print("[/x]")  # markup that closes nothing
    with screen.waiting("x"), screen:
        screen.print(Unshowable())
    print_line(screen, "the result")
    told, result = file.getvalue().splitlines()
    assert told == (r"(something could not be shown: ValueError: no [/x] \x1b[2J\nsecond line)")
    assert result == "the result"


def test_screen_survives_a_display_that_cannot_be_made():
    def fail():
        raise OSError("no display")

    file = io.StringIO()
    with Screen(file=file).drawing(fail):
        file.write("the block was carried out\n")
    assert "no display" in file.getvalue()
    assert "the block was carried out" in file.getvalue()


def test_screen_does_not_keep_an_interrupt_or_an_error_of_the_block():
    screen = Screen(file=io.StringIO())
    with pytest.raises(KeyboardInterrupt), screen.tolerated():
        raise KeyboardInterrupt
    with pytest.raises(KeyError), screen.waiting("x"):
        raise KeyError


def test_answer_that_cannot_be_shown_is_an_error():
    with pytest.raises(ValueError, match="no"):
        AnswerScreen(file=io.StringIO()).print(Unshowable())


@pytest.mark.parametrize("name", ["COLUMNS", "LINES"])
@pytest.mark.parametrize(
    "value", ["0", "00", "-5", "x", "", "\u00b2", "\u0661", "9" * 30, "10000", "1e2", " 80", "80 "]
)
def test_size_of_a_terminal_that_is_none_is_passed_over(monkeypatch, name, value):
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("LINES", raising=False)
    file = io.StringIO()
    without = Screen(file=file).size
    monkeypatch.setenv(name, value)
    screen = Screen(file=file)
    assert screen.size == without
    print_line(screen, "the result")
    assert file.getvalue() == "the result\n"


def test_size_of_a_terminal_is_taken(monkeypatch):
    monkeypatch.setenv("COLUMNS", "33")
    assert Screen(file=io.StringIO()).width == 33


class Closed(io.StringIO):
    """A stream whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError

    def fileno(self) -> int:
        raise OSError


def test_stream_goes_on_where_nobody_reads():
    stream = TolerantStream(Closed())
    assert stream.write("abc") == 3
    stream.flush()


def run(arguments, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / "local_runner.py"), *arguments]
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, timeout=120, **options)


@pytest.mark.parametrize("arguments", [["--help"], ["--settings"], ["models"], ["clean"]])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_commands_work_on_terminals_of_few_letters(tmp_path, arguments, encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    options = ["--output-root", str(tmp_path / "Amélie→")]
    done = run([*options, *arguments], env=environment, stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", [["--help"], ["--settings"], ["models"]])
def test_a_full_device_is_no_traceback(tmp_path, arguments):
    with open("/dev/full", "w") as full:
        done = run(["--output-root", str(tmp_path), *arguments], stdout=full)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("arguments", [["--settings"], ["models"]])
def test_a_closed_output_is_no_traceback(tmp_path, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    done = run(["--output-root", str(tmp_path), *arguments], stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
