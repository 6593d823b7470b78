from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.kubeflow.client import connection
from tests.pipeline.kubeflow.package import PACKAGE
from tests.pipeline.kubeflow.stand_in import SECRET


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder without kfp's own context, with p.yaml, and a token in the environment."""
    (tmp_path / "p.yaml").write_text(PACKAGE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(connection.TOKEN_VARIABLE, SECRET)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
