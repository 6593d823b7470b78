"""Settings of the server, and its token."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from components.errors import ConfigError
from pipeline.config.settings import load_config
from serving.__main__ import read_config
from serving.config import ServingConfig
from serving.token import VARIABLE, read_token


def test_server_listens_on_this_machine_unless_told_otherwise() -> None:
    assert ServingConfig().host == "127.0.0.1"
    assert ServingConfig().cors_origins == ()


def test_settings_are_a_section_of_the_runner() -> None:
    config = load_config(assignments=["serving.port=9000", "serving.cors_origins=[https://a.b]"])
    assert config.serving == ServingConfig(port=9000, cors_origins=("https://a.b",))


def test_module_takes_the_same_settings_without_the_section() -> None:
    given = ["port=9000", "cors_origins=https://a.b,https://c.d", "batch_window_ms=1.5"]
    config = read_config(given)
    assert (config.port, config.batch_window_ms) == (9000, 1.5)
    assert config.cors_origins == ("https://a.b", "https://c.d")


@pytest.mark.parametrize("text", ["port", "prt=1", "port=x", "port=70000", "poll_seconds=nan"])
def test_module_refuses_other_settings_in_one_line(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_config([text])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "values",
    [
        {"tls_certificate": "a.pem"},
        {"tls_key": "a.pem"},
        {"cors_origins": ("shop.example",)},
        {"max_instances": 0},
        {"unknown": 1},
    ],
)
def test_config_refuses(values: dict) -> None:
    with pytest.raises(ValidationError):
        ServingConfig(**values)


def test_token_comes_from_the_file_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "from-the-environment")
    assert read_token("") == "from-the-environment"
    file = tmp_path / "token"
    file.write_text("from-the-file-1234\n")
    assert read_token(str(file)) == "from-the-file-1234"
    monkeypatch.delenv(VARIABLE)
    assert read_token("") == ""


@pytest.mark.parametrize("text", ["", "short", "two words of length", "ü" * 20, "x" * 5000])
def test_token_that_is_none_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text)
    with pytest.raises(ConfigError, match="is no bearer token") as error:
        read_token(str(file))
    assert not text or text not in str(error.value)


def test_token_file_that_is_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_token(str(tmp_path / "none"))
