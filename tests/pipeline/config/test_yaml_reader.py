"""YAML that people write: hostile texts and files, through every way in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from components.errors import ConfigError
from pipeline.config import text_file, yaml_reader
from pipeline.config.settings import assignment_tree, file_tree, load_config
from pipeline.kubeflow.client.package import read_package

ROOT = Path(__file__).parents[3]
MOST = 1000  # characters of a message, whatever was given
# Each level stands for ten of the level before: 10 ** 8 values in all.
BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)
# Each level is a chain of 40 lists around the level before: 800 levels in 20 lines.
TOWER = "a0: &a0 x\n" + "".join(
    f"a{n}: &a{n} {'[' * 40}*a{n - 1}{']' * 40}\n" for n in range(1, 21)
)
# Merges of merges double their keys with each level.
MERGES = "a0: &a0 {k: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], k{n}: 1}}\n" for n in range(1, 30)
)
TEXTS = {
    "a month that is none": "2026-13-45",
    "a day that is none": "2026-02-30",
    "an hour that is none": "2026-01-01 99:00:00",
    "a zone that is none": "2026-01-01 00:00:00 +99:99",
    "no binary digits": "0b_",
    "no hexadecimal digits": "0x_",
    "no timestamp": "!!timestamp x",
    "no integer": "!!int x",
    "no number": "!!float x",
    "no truth value": "!!bool x",
    "no base64": "!!binary é",
    "an object": "!!python/object/apply:os.getcwd []",
    "an unknown tag": "!x 1",
    "a number of five thousand digits": "9" * 5000,
    "a hexadecimal number of a thousand digits": "0x" + "f" * 1000,
    "a number of a hundred thousand parts": "1:" + "1:" * 100_000 + "1",
    "half a surrogate pair": '"\\ud800"',
    "a NUL": '"a\\0b"',
    "a control character": "a\x1bb",
    "brackets": "[" * 3000,
    "closed brackets": "[" * 3000 + "]" * 3000,
    "braces": "{a: " * 3000,
    "nested blocks": "- " * 3000,
    "nested keys": "? " * 3000,
    "a list as a key": "{[a, b]: 1}",
    "a mapping as a key": "{{a: b}: 1}",
    "an alias of nothing": "*nothing",
    "a list in itself": "&a [*a]",
    "a key in itself": "&a {*a : 1}",
    "many values": "[" + "1, " * 60_000 + "]",
    "a long value": "x" * 70_000,
    "two documents": "a\n---\nb",
    "a key twice": "{a: 1, a: 2}",
    "a key twice in a mapping of a mapping": "{b: {a: 1, a: 2}}",
    "a key twice, once in quotation marks": "{a: 1, 'a': 2}",
    "a key twice in a list": "[{a: 1, b: 2, a: 1}]",
    "a key twice beside a merge": "[&x {b: 1}, {<<: *x, a: 1, a: 2}]",
    "a tab": "a:\n\t- b",
    "an open quote": '"a',
    "a directive": "%YAML 9.9\n---\na",
}
FILES = {
    **TEXTS,
    "aliases of aliases": BOMB,
    "a tower of aliases": TOWER,
    "merges of merges": MERGES,
    "a number as a key": "3: {a: 1}",
    "a truth value as a key": "yes: {a: 1}",
    "a date as a key": "2026-01-01: {a: 1}",
    "nothing as a key": "~: {a: 1}",
    "a number as a setting's name": "trainer: {3: 1}",
    "nothing as a setting's name": "trainer: {~: 1}",
    "a section that is a number": "trainer: 3",
    "a section that is a text": "trainer: x",
    "a section that is a list": "trainer: [epochs]",
    "a number": "3",
    "a list": "[3]",
    "a date": "2026-01-01",
}


def refused(error: ConfigError) -> str:
    """Returns the message, which must be one line of bounded length."""
    message = str(error)
    assert message.isprintable()
    assert len(message) < MOST
    return message


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_assignment_refuses_in_one_line(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        assignment_tree(f"split.salt={text}")
    assert refused(caught.value).startswith("--set: the value of split.salt is ")


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_settings_file_refuses_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        file_tree(file)
    assert refused(caught.value).startswith(f"--config: {file} ")


@pytest.mark.parametrize(
    "text",
    [
        *FILES.values(),
        "pipelineInfo: 3",
        "pipelineInfo: {name: 3}\nroot: {}",
        "pipelineInfo: {name: a}",
        "pipelineInfo: {name: a}\nroot: 3",
        "pipelineInfo: {name: a}\nroot: {inputDefinitions: {parameters: [a]}}",
        "pipelineInfo: {name: a}\nroot: {inputDefinitions: {parameters: {a: 3}}}",
        "pipelineInfo: {name: a}\nroot: {inputDefinitions: {parameters: {a: {}}}}",
    ],
)
def test_package_refuses_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "package.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_package(file)
    assert refused(caught.value).startswith(f"--package: {file} ")


def _no_utf8(path: Path) -> None:
    path.write_bytes(b"trainer: {epochs: 3} # \xff")


def _large(path: Path) -> None:
    path.write_bytes(b"#" * (text_file.MAX_BYTES + 1))


FILE_KINDS = {
    "a FIFO": os.mkfifo,
    "a link to a device without end": lambda path: path.symlink_to("/dev/zero"),
    "a link to random numbers": lambda path: path.symlink_to("/dev/urandom"),
    "a link to another device": lambda path: path.symlink_to("/dev/full"),
    "a folder": os.mkdir,
    "a link to itself": lambda path: path.symlink_to(path),
    "no UTF-8": _no_utf8,
    "a large file": _large,
    "no file": lambda path: None,
}


READERS = {
    "--config": "pipeline.config.settings import file_tree",
    "--package": "pipeline.kubeflow.client.package import read_package",
}
SCRIPT = """
import sys
from pathlib import Path
from components.errors import ConfigError
from {} as read
try:
    read(Path(sys.argv[1]))
except ConfigError as error:
    print(error)
"""


@pytest.mark.parametrize("make", FILE_KINDS.values(), ids=FILE_KINDS)
@pytest.mark.parametrize("option", READERS)
def test_file_that_cannot_be_read_ends_at_once(
    tmp_path: Path, make: Callable[[Path], object], option: str
) -> None:
    path = tmp_path / "x.yaml"
    make(path)
    # In a process of its own: what waits for ever is killed, and what reads for ever too.
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(READERS[option]), str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout.startswith(f"{option}: ")
    assert ended.stdout.count("\n") == 1
    assert str(path) in ended.stdout


@pytest.mark.parametrize(
    "path", ["x" * 5000, "a/" * 3000, "x\0y", "a\nb"], ids=["name", "path", "NUL", "line end"]
)
def test_settings_file_of_a_name_that_is_none(path: str) -> None:
    with pytest.raises(ConfigError, match="--config: ") as caught:
        file_tree(path)
    refused(caught.value)


@pytest.mark.parametrize(
    "assignment",
    [
        "trainer.epochs=" + "x" * 60_000,
        "x" * 1_000_000,
        "x" * 1_000_000 + ".y=1",
        "trainer." + "x" * 1_000_000 + "=1",
        "a\nb.c=1",
        "trainer.a\x1bb=1",
        "trainer.epochs='a\u2028b'",
        "data.columns={" + "x" * 60_000 + ": 1}",
        "gate.max_drop=[" + "1, " * 20_000 + "]",
        "tuner.space={a\u0085b: [1]}",
        "split.method=2026-01-01",
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)
def test_answer_never_repeats_a_megabyte(assignment: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(assignments=[assignment])
    refused(caught.value)


def test_load_takes_what_people_write() -> None:
    text = "base: &base {a: 1, b: [x, 2.5, yes, ~]}\nother: {<<: *base, a: 2}\nagain: *base\n"
    base = {"a": 1, "b": ["x", 2.5, True, None]}
    assert yaml_reader.load(text, "x") == {"base": base, "other": {**base, "a": 2}, "again": base}


def test_load_all_takes_every_document_and_keeps_the_limits() -> None:
    assert yaml_reader.load_all("a: 1\n---\n---\nb: 2\n", "x") == [{"a": 1}, {"b": 2}]
    for text in ("a: 1\n---\n[", "a: 1\n---\nb: 2026-13-45", "a: 1\n---\n" + "[" * 100):
        with pytest.raises(ConfigError, match=r"^x "):
            yaml_reader.load_all(text, "x")


def test_key_that_stands_twice_is_named_with_both_lines() -> None:
    with pytest.raises(ConfigError, match=r"'a' stands there twice, first in line 1, line 3"):
        yaml_reader.load("a: 1\nb: 2\na: 3\n", "x")


def test_load_takes_what_is_at_the_limits() -> None:
    deep = yaml_reader.MAX_DEPTH
    assert yaml_reader.load("[" * deep + "]" * deep, "x")
    assert len(yaml_reader.load("x" * yaml_reader.MAX_VALUE, "x")) == yaml_reader.MAX_VALUE
    assert yaml_reader.load(str((1 << 63) - 1), "x") == (1 << 63) - 1


def test_settings_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_bytes(b"\xef\xbb\xbftrainer: {epochs: 3}\n")
    assert file_tree(file) == {"trainer": {"epochs": 3}}
