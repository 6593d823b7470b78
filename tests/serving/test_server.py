"""The server as a process: start, signals, ports, and what it imports."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.serving.tiny_model import copy_model

PROJECT = Path(__file__).parents[2]
RUNNER = [sys.executable, str(PROJECT / "local_runner.py")]
SECONDS = 120.0
HEAVY = {
    "apache_beam",
    "ml_metadata",
    "tensorflow_data_validation",
    "tensorflow_model_analysis",
    "tensorflow_recommenders",
    "tensorflow_transform",
    "tfx",
    "tfx_bsl",
}


@pytest.fixture
def output_root(tiny_model: Path, tmp_path: Path) -> Path:
    """An output root in which version 7 of the tiny model is live."""
    serving = tmp_path / "out" / "serving_model" / "movielens"
    serving.mkdir(parents=True)
    copy_model(tiny_model, serving, 7)
    return tmp_path / "out"


def command(output_root: Path, *options: str) -> list[str]:
    return [*RUNNER, "--output-root", str(output_root), "serve", "--port", "0", *options]


@contextmanager
def running(line: list[str], **environment: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """Yields the process and the address that it printed; kills it at the end."""
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=PROJECT,
        env={**os.environ, **environment},
    )  # fmt: skip
    killer = threading.Timer(SECONDS, process.kill)
    killer.start()
    try:
        assert process.stdout is not None
        printed = []
        for text in process.stdout:
            printed.append(text)
            if match := re.search(r"(https?://[0-9.:\[\]]+:\d+)", text):
                yield process, match[1]
                return
        raise AssertionError(f"the server did not start: {''.join(printed)}")
    finally:
        killer.cancel()
        process.kill()
        process.wait()


def get(address: str, path: str = "/readyz") -> dict:
    with urllib.request.urlopen(f"{address}{path}", timeout=30) as response:
        return json.load(response)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_server_after_what_was_accepted(output_root: Path, number: int) -> None:
    # The request waits a second for others to share its batch; the signal comes meanwhile.
    options = ("--set", "serving.batch_window_ms=1000")
    with running(command(output_root, *options)) as (process, address):
        assert get(address)["version"] == "7"
        answers: list[dict] = []
        path = "/users/u0/recommendations"
        asking = threading.Thread(target=lambda: answers.append(get(address, path)))
        asking.start()
        for _ in range(300):
            with urllib.request.urlopen(f"{address}/metrics", timeout=30) as response:
                if b"serving_waiting_rows 1.0" in response.read():
                    break
            time.sleep(0.01)
        process.send_signal(number)
        asking.join(30)
        assert answers[0]["known"] is True
        assert process.wait(30) == 0
        assert "stopped" in process.stdout.read()
        with pytest.raises(urllib.error.URLError):
            get(address)


@pytest.mark.slow
def test_module_serves_a_folder_of_versions_and_waits_for_the_first(
    tiny_model: Path, tmp_path: Path
) -> None:
    versions = tmp_path / "movielens"
    versions.mkdir()
    line = [sys.executable, "-m", "serving", "--versions", str(versions), "--name", "movielens",
            "--wait", "--set", "port=0", "--set", "poll_seconds=0.1"]  # fmt: skip
    with running(line, SERVING_TOKEN="a-token-of-some-length") as (process, address):
        with pytest.raises(urllib.error.HTTPError) as nothing_yet:
            get(address)
        assert nothing_yet.value.code == 503
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(address, "/model")
        assert refused.value.code == 401
        copy_model(tiny_model, versions, 3)
        for _ in range(600):
            try:
                assert get(address)["version"] == "3"
                break
            except urllib.error.HTTPError:
                time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        events = [json.loads(line)["event"] for line in process.stdout.read().splitlines()]
        assert "model_swapped" in events


@pytest.mark.slow
def test_server_imports_neither_tfx_nor_beam(output_root: Path) -> None:
    script = f"""
import io, json, sys
from pathlib import Path
import local_runner
from pipeline.local.commands import serve
from serving.app import Site, build_application
from serving.config import ServingConfig
from serving.http.access_log import AccessLog
import serving.serve
folder = Path({str(output_root)!r}) / "serving_model" / "movielens"
site = Site("movielens", folder)
application = build_application(site, ServingConfig(), AccessLog(io.StringIO()))
application.watcher.load_first()
assert application.inference.live_model().version == "7"
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""
    printed = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True,
        check=True, timeout=SECONDS,
    ).stdout  # fmt: skip
    imported = set(json.loads(printed.splitlines()[-1]))
    assert "tensorflow" in imported
    assert not imported & HEAVY


def refused(line: list[str], **environment: str) -> str:
    """Returns the one line of a command that ends with exit code 2."""
    ended = subprocess.run(
        line, capture_output=True, text=True, timeout=SECONDS, cwd=PROJECT, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert ended.returncode == 2, ended
    (sentence,) = ended.stderr.strip().splitlines()[-1:]
    assert "Traceback" not in ended.stderr + ended.stdout
    return sentence


def test_nothing_live_is_one_line(tmp_path: Path) -> None:
    sentence = refused(command(tmp_path))
    assert sentence.startswith("error: serve: nothing is live in")


def test_unknown_setting_is_one_line(tmp_path: Path) -> None:
    line = [*RUNNER, "--output-root", str(tmp_path), "serve", "--set", "serving.prt=1"]
    assert "no setting serving.prt; did you mean serving.port?" in refused(line)


@pytest.mark.slow
def test_port_that_is_taken_is_one_line(output_root: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        sentence = refused([*command(output_root)[:-1], port])
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in sentence


@pytest.mark.slow
def test_weak_token_is_one_line_without_it(output_root: Path) -> None:
    sentence = refused(command(output_root), SERVING_TOKEN="secret word")
    assert "SERVING_TOKEN: is no bearer token" in sentence
    assert "secret" not in sentence


@pytest.mark.slow
def test_version_that_cannot_be_loaded_is_one_line(output_root: Path) -> None:
    broken = output_root / "serving_model" / "movielens" / "7" / "saved_model.pb"
    broken.write_bytes(b"no graph")
    assert "can be loaded" in refused(command(output_root))
