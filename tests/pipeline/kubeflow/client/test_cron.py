"""Cron expressions for Kubeflow."""

from __future__ import annotations

import pytest

from components.errors import ConfigError
from pipeline.kubeflow.client.cron import with_seconds


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("0 3 * * *", "0 0 3 * * *"),
        ("5 0 3 * * *", "5 0 3 * * *"),
        ("@daily", "@daily"),
        ("*/10 8-18 1,15 jan-MAR mon-fri", "0 */10 8-18 1,15 jan-MAR mon-fri"),
        ("0 3 ? * 0", "0 0 3 ? * 0"),
        ("10/20 23 * * *", "0 10/20 23 * * *"),
        ("0 3 29 2 *", "0 0 3 29 2 *"),
        ("0 3 31 2-3 *", "0 0 3 31 2-3 *"),
        ("0 3 31 2 1", "0 0 3 31 2 1"),
    ],
)
def test_with_seconds(given: str, sent: str) -> None:
    assert with_seconds(given) == sent


@pytest.mark.parametrize(
    "given",
    [
        "",
        "daily",
        "* * * *",
        "1 2 3 4 5 6 7",
        "@never",
        "60 3 * * *",
        "0 24 * * *",
        "0 3 0 * *",
        "0 3 32 * *",
        "0 3 * 13 *",
        "0 3 * 0 *",
        "0 3 * * 7",
        "60 0 3 * * *",
        "*/0 * * * *",
        "5-1 * * * *",
        "-1 * * * *",
        "1, * * * *",
        "x * * * *",
        "0 3 * foo *",
        "٣ 3 * * *",
        "9" * 5000 + " * * * *",
        "1" * 100_000,
    ],
)
def test_with_seconds_refuses(given: str) -> None:
    with pytest.raises(ConfigError, match="--cron") as caught:
        with_seconds(given)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("given", ["0 3 31 2 *", "0 3 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31 feb ?"])
def test_with_seconds_refuses_what_never_comes(given: str) -> None:
    with pytest.raises(ConfigError, match="never comes"):
        with_seconds(given)
