"""Which users a batch is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.errors import ConfigError
from pipeline.local.commands.wanted_users import known_users, wanted_users

KNOWN = ["7", "3", "5"]


def test_wanted_users_all_are_those_of_the_model() -> None:
    assert wanted_users("all", KNOWN) == KNOWN


@pytest.mark.parametrize("text", ["5,9,5, 3", "5,,9,3,"])
def test_wanted_users_takes_a_list_each_once_in_order(text: str) -> None:
    assert wanted_users(text, KNOWN) == ["5", "9", "3"]


def test_wanted_users_reads_a_file(tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    file.write_text("5\n\n9\r\n Zoë \n5\n", encoding="utf-8")
    assert wanted_users(str(file), KNOWN) == ["5", "9", "Zoë"]


@pytest.mark.parametrize("count", [100, 2000, 30_000])
def test_wanted_users_takes_lists_longer_than_any_file_name(count: int) -> None:
    ids = [str(number) for number in range(count)]
    assert wanted_users(",".join(ids), KNOWN) == ids


@pytest.mark.parametrize(
    "text", ["", ",", "missing/users", "missing.txt", "," * 5000, "x/" * 5000, "a" * 300 + ".txt"]
)
def test_wanted_users_refuses_nobody(text: str) -> None:
    with pytest.raises(ConfigError, match="--users") as caught:
        wanted_users(text, KNOWN)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("content", [b"\n \n", b"\xff\xfe1"])
def test_wanted_users_refuses_a_file_without_ids(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "users"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="--users"):
        wanted_users(str(file), KNOWN)


def test_known_users_are_in_the_model(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "user_id").write_text("7\n3\n5\n")
    assert known_users(tmp_path) == KNOWN


def test_known_users_refuses_another_model(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not pushed by this pipeline"):
        known_users(tmp_path)
