"""New versions take over, broken ones do not."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from pathlib import Path

import pytest

from serving.model import watcher
from tests.serving.conftest import FIRST_VERSION, Serve, Served
from tests.serving.tiny_model import copy_model, save_model

SECOND = FIRST_VERSION + 1


@pytest.fixture(scope="module")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("other") / "model", "two")


def wait_for_version(served: Served, version: int) -> None:
    """Waits until a version is live; the test's own time limit is the number of looks."""
    for _ in range(600):
        if served.client.get("/readyz").json()["version"] == str(version):
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"version {version} did not become live: {served.log.getvalue()}")


def wait_for_event(served: Served, event: str) -> dict:
    for _ in range(600):
        for line in served.log.getvalue().splitlines():
            if json.loads(line)["event"] == event:
                return json.loads(line)
        threading.Event().wait(0.05)
    raise AssertionError(f"no {event} in {served.log.getvalue()}")


def test_new_version_takes_over_and_the_old_one_is_freed(serve: Serve, other_model: Path) -> None:
    import gc
    import weakref

    served = serve()
    old = weakref.ref(served.application.inference.holder.live)
    copy_model(other_model, served.folder, SECOND)
    wait_for_version(served, SECOND)
    answer = served.client.get("/users/u0/recommendations?k=1").json()
    assert answer["model_version"] == str(SECOND)
    assert answer["recommendations"][0]["title"] == "Movie m0 (two)"
    gc.collect()
    assert old() is None
    assert "serving_model_swaps_total 1.0" in served.client.get("/metrics").text
    assert wait_for_event(served, "model_swapped")["before"] == str(FIRST_VERSION)


def test_version_that_does_not_load_leaves_the_old_one(serve: Serve, tiny_model: Path) -> None:
    served = serve()
    aside = served.folder / ".incoming"
    copy_model(tiny_model, served.folder.parent, SECOND).rename(aside)
    (aside / "saved_model.pb").write_bytes(b"no graph")
    aside.rename(served.folder / str(SECOND))
    event = wait_for_event(served, "model_failed")
    assert (event["version"], event["still_live"]) == (str(SECOND), str(FIRST_VERSION))
    ready = served.client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["version"] == str(FIRST_VERSION)
    assert ready.json()["failed"]["version"] == str(SECOND)
    metrics = served.client.get("/metrics").text
    assert "serving_model_failed 1.0" in metrics
    assert "serving_model_failures_total 1.0" in metrics
    status = served.client.get("/v1/models/tiny").json()["model_version_status"]
    assert [(one["version"], one["state"]) for one in status] == [
        (str(SECOND), "END"),
        (str(FIRST_VERSION), "AVAILABLE"),
    ]
    # A sound version after it takes over.
    copy_model(tiny_model, served.folder, SECOND + 1)
    wait_for_version(served, SECOND + 1)
    assert "failed" not in served.client.get("/readyz").json()


def test_incomplete_version_is_passed_over(serve: Serve, tiny_model: Path) -> None:
    served = serve()
    (served.folder / str(SECOND)).mkdir()
    copy_model(tiny_model, served.folder, SECOND + 1)
    wait_for_version(served, SECOND + 1)
    assert "model_failed" not in served.log.getvalue()


def test_version_that_is_removed_stays_live_in_memory(serve: Serve) -> None:
    served = serve()
    served.folder.joinpath(str(FIRST_VERSION)).rename(served.folder.parent / "gone")
    answer = served.client.get("/users/u0/recommendations?k=1")
    assert answer.json()["recommendations"][0]["title"] == "Movie m0 (one)"


@pytest.mark.slow
def test_no_request_is_lost_or_of_two_models_across_pushes_and_a_rollback(
    serve: Serve, tiny_model: Path, other_model: Path
) -> None:
    # Twenty pushes, alternately of two models, and a rollback to the first: a copy of it with a
    # higher number. Every title ends with the mark of the model of its version.
    marks = {FIRST_VERSION: "one"}
    served = serve()
    versions = range(SECOND, SECOND + 21)
    done = threading.Event()

    def push() -> None:
        for number, version in enumerate(versions):
            rollback = number == 20
            marks[version] = "one" if rollback or number % 2 else "two"
            model = tiny_model if marks[version] == "one" else other_model
            copy_model(model, served.folder, version)
            for _ in range(600):
                live = served.application.inference.holder.live
                if live is not None and live.version == str(version):
                    break
                threading.Event().wait(0.05)
        done.set()

    pushing = threading.Thread(target=push)
    pushing.start()
    seen: Counter[tuple[str, str]] = Counter()
    body = {"instances": ["u0", "u1"]}
    requests = [
        ("GET", "/users/u0/recommendations?k=5", {}),
        ("POST", "/v1/models/tiny:predict", {"json": body}),
    ] * 10
    while not done.is_set():
        for response in served.client.send_all(requests):
            assert response.status_code == 200
            answer = response.json()
            if "predictions" in answer:
                version = response.headers["x-model-version"]
                titles = [t for row in answer["predictions"] for t in row["title"]]
            else:
                version = answer["model_version"]
                titles = [movie["title"] for movie in answer["recommendations"]]
            (mark,) = {title.rpartition("(")[2].rstrip(")") for title in titles}
            seen[version, mark] += 1
    pushing.join()
    assert served.application.inference.holder.swaps == 21
    assert {(version, marks[int(version)]) for version, _ in seen} == set(seen)
    assert len(seen) > 10


@pytest.mark.parametrize(("before", "after"), [(0, 10), (15, 15)])
def test_loader_gives_way_and_takes_nothing_back(before: int, after: int) -> None:
    found = []

    def load() -> None:
        thread = threading.get_native_id()
        os.setpriority(
            os.PRIO_PROCESS, thread, max(before, os.getpriority(os.PRIO_PROCESS, thread))
        )
        watcher._give_way()
        found.append(os.getpriority(os.PRIO_PROCESS, thread))

    own = os.getpriority(os.PRIO_PROCESS, 0)
    thread = threading.Thread(target=load)
    thread.start()
    thread.join()
    assert found == [max(after, own)]
