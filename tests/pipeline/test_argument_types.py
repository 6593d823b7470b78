"""Ages on the command line."""

from __future__ import annotations

import argparse

import pytest

from pipeline.argument_types import parse_duration, parse_line, whole_number


@pytest.mark.parametrize(
    ("text", "seconds"), [("30d", 30 * 86400), ("12h", 43200), ("2w", 1209600), ("1.5m", 90)]
)
def test_age(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1 year"])
def test_age_refuses(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="as in 30d"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0", "7", "10"])
def test_whole_number_takes_what_is_in_its_range(text: str) -> None:
    assert whole_number(0, 10)(text) == int(text)


@pytest.mark.parametrize(
    "text", ["-1", "11", "1.5", "", "x", "1e3", "nan", "²", "٣", " 1", "+1", "9" * 5000]
)
def test_whole_number_refuses_others_and_names_the_range(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a number from 0 to 10"):
        whole_number(0, 10)(text)


def test_parse_line_refuses_two_dashes_as_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--name")
    with pytest.raises(SystemExit) as caught:
        parse_line(parser, ["--name=--"])
    assert caught.value.code == 2
    assert "argument --name: '--' is no value" in capsys.readouterr().err
    assert parse_line(parser, ["--name=--x"]).name == "--x"
