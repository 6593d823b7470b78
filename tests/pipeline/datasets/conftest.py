"""A small data set in place of MovieLens-1M, and who is told what happens."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.datasets import download
from pipeline.datasets.catalogue import BY_NAME, Dataset
from tests.pipeline.datasets.zip_server import ZipServer, make_zip, serving

# Stored, not compressed, and several chunks of a transfer long.
FILES = {
    "ml-1m/ratings.dat": "1::2::5::978300760\n" * 10_000,
    "ml-1m/movies.dat": "2::Invented (1999)::Drama\n",
    "ml-1m/users.dat": "1::F::1::10::48067\n",
    "ml-1m/README": "invented\n",
}


@dataclass
class Listener:
    """Remembers what it was told."""

    lines: list[str] = field(default_factory=list)
    steps: list[tuple[int, int | None]] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.lines.append(text)

    def received(self, done: int, total: int | None) -> None:
        self.steps.append((done, total))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def replace(
    monkeypatch: pytest.MonkeyPatch, name: str, body: bytes | None, **changes: object
) -> Dataset:
    """Puts a data set with the size and MD5 of `body` into the catalogue."""
    if body is not None:
        changes = {"size": len(body), "md5": hashlib.md5(body).hexdigest()} | changes
    dataset = dataclasses.replace(BY_NAME[name], **changes)  # type: ignore[arg-type]
    monkeypatch.setitem(BY_NAME, name, dataset)
    return dataset


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of this machine, and no waiting between tries."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(download, "BACK_OFF_SECONDS", 0.0)


@pytest.fixture
def body(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The zip of FILES, which the catalogue has as ml-1m."""
    content = make_zip(FILES)
    replace(monkeypatch, "ml-1m", content)
    return content


@pytest.fixture
def server(body: bytes) -> Iterator[ZipServer]:
    with serving(ZipServer(body)) as started:
        yield started


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def listener() -> Listener:
    return Listener()
