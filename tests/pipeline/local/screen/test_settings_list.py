from __future__ import annotations

import pytest

import local_runner
from pipeline.config.settings import describe_settings


def test_settings_are_all_listed_with_their_defaults(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    assert local_runner.main(["--settings"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    shown = {line[0]: line for line in lines}
    assert {name for name, _, _ in describe_settings()} <= shown.keys()
    assert shown["trainer.epochs"][1] == "auto"
