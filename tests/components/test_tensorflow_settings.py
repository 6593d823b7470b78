"""The environment of processes that import TensorFlow."""

from __future__ import annotations

import os

import pytest

from components.tensorflow_settings import prepare_tensorflow

NAMES = ("TF_USE_LEGACY_KERAS", "TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL")


def test_sets_what_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    prepare_tensorflow(log_level=3)
    assert [os.environ[name] for name in NAMES] == ["1", "1", "3"]


def test_what_is_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, "0")
    prepare_tensorflow(log_level=3)
    assert [os.environ[name] for name in NAMES] == ["0", "0", "0"]


def test_the_level_of_messages_is_left_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "")
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    prepare_tensorflow()
    assert "TF_CPP_MIN_LOG_LEVEL" not in os.environ
