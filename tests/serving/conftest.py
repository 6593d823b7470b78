"""A served tiny model, and a client of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from serving.app import Application, Site, build_application
from serving.config import ServingConfig
from serving.http.access_log import AccessLog
from tests.serving.client import Client
from tests.serving.tiny_model import copy_model, save_model

FIRST_VERSION = 7


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("tiny") / "model", "one")


@dataclass
class Served:
    """A running application.

    Attributes:
        client: Speaks to it.
        application: Its parts.
        folder: The folder of versions.
        log: What the access log holds.
    """

    client: Client
    application: Application
    folder: Path
    log: io.StringIO


Serve = Callable[..., Served]


@pytest.fixture
def serve(tiny_model: Path, tmp_path: Path) -> Iterator[Serve]:
    """Serves the tiny model as version 7; settings and token may be given."""
    clients = []

    def start(token: str = "", describe: Any = None, report: Path | None = None, **settings: Any):
        folder = tmp_path / "serving_model" / "tiny"
        folder.mkdir(parents=True)
        copy_model(tiny_model, folder, FIRST_VERSION)
        site = Site("tiny", folder, describe or (lambda version: {}), report)
        log = io.StringIO()
        config = ServingConfig(**{"poll_seconds": 0.05, **settings})
        application = build_application(site, config, AccessLog(log), token)
        application.watcher.load_first()
        client = Client(application)
        clients.append(client)
        return Served(client, application, folder, log)

    yield start
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def served(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The tiny model with the default settings, for tests that change nothing."""
    folder = tmp_path_factory.mktemp("serving") / "tiny"
    folder.mkdir()
    copy_model(tiny_model, folder, FIRST_VERSION)
    log = io.StringIO()
    site = Site("tiny", folder)
    application = build_application(site, ServingConfig(), AccessLog(log))
    application.watcher.load_first()
    client = Client(application)
    yield Served(client, application, folder, log)
    client.close()
