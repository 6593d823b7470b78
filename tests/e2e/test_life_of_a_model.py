"""One output root through everything that happens to it, in order: each test builds on the last."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import FAST, Done, Runner, command, environment, run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

METRICS = [
    f"{prefix}top_{k}_accuracy"
    for prefix in ("", "unseen_", "popularity_", "unseen_popularity_")
    for k in (1, 5, 10, 50, 100)
]
# No gate but the one that is tested can refuse.
OPEN = ("gate.min_top_100_accuracy=0", "gate.min_popularity_ratio=0", "gate.max_drop=1")

ASK = """
import sys, tensorflow as tf
served = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
answer = served(user_id=tf.constant(["42", "nobody"]))
for row in answer["title"].numpy():
    print("|".join(title.decode() for title in row))
print(*answer["known"].numpy())
"""


def _version(done: Done) -> str:
    """The version that a run pushed; `versions()` looks at the folder as it is by now."""
    return str(done.record["pushed"]["version"])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("life") / "runs"


@pytest.fixture(scope="module")
def first(root: Path, ratings: Path) -> Done:
    return run(root, "--data-root", str(ratings))


def test_first_run_is_pushed(first: Done) -> None:
    assert first.code == 0, first.screen
    record = first.record
    assert (record["status"], record["exit_code"]) == ("pushed", 0)
    assert first.versions() == [_version(first)]
    assert (Path(record["pushed"]["path"]) / "saved_model.pb").is_file()
    assert all(decision["passed"] for decision in record["gate"])
    assert not any(first.cached().values())
    assert record["data"]["layout"] == "ml-1m"
    # The sample has 20,000 ratings; every one is in train or eval.
    assert record["data"]["ratings"] == 20_000
    assert set(METRICS) <= set(record["metrics"]["model"])
    assert "live" not in record["metrics"]


def test_first_run_recovers_the_planted_tastes(first: Done) -> None:
    metrics = first.record["metrics"]["model"]
    assert metrics["unseen_top_100_accuracy"] > 1.2 * metrics["unseen_popularity_top_100_accuracy"]


def test_first_run_tells_a_person(first: Done) -> None:
    for told in ("Held-out ratings", "Gate", "popularity", "recommended", "Logs:", "Trainer"):
        assert told in first.screen
    assert "Traceback" not in first.screen


def test_pushed_model_answers_where_only_tensorflow_is(first: Done, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", ASK, first.record["pushed"]["path"]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    *lists, flags = done.stdout.splitlines()
    known, unknown = (line.split("|") for line in lists)
    assert len(set(known)) == len(set(unknown)) == 100
    assert known != unknown
    assert flags == "True False"


def test_same_run_again_takes_all_from_the_cache(
    first: Done, root: Path, ratings: Path, run_warm: Runner
) -> None:
    again = run_warm(root, "--data-root", str(ratings))
    assert again.code == 0, again.screen
    assert again.record["status"] == "nothing_new"
    assert all(again.cached().values())
    assert again.versions() == [_version(first)]
    assert again.record["metrics"] == first.record["metrics"]


def test_changed_gate_evaluates_again_and_refuses_by_the_floor(
    first: Done, root: Path, ratings: Path
) -> None:
    # No model has the held-out movie among the first hundred for all but one rating in a thousand.
    done = run(root, "--data-root", str(ratings), "--set", "gate.min_top_100_accuracy=0.999")
    _assert_refused(done, first, ["top_100_accuracy"])
    cached = done.cached()
    assert [node for node in ("ExampleGen", "Transform", "Trainer") if not cached[node]] == []
    assert not cached["Evaluator"]


def test_untrained_model_is_refused_as_worse_than_the_live_one(
    first: Done, root: Path, ratings: Path, run_warm: Runner
) -> None:
    settings = (*FAST, *OPEN, "trainer.learning_rate=0", "gate.max_drop=0.005")
    done = run_warm(root, "--data-root", str(ratings), settings=settings)
    # Of 400 movies a tenth is 40: the top 10 is the longest list that is not longer.
    _assert_refused(done, first, ["top_10_accuracy_change", "unseen_top_10_accuracy_change"])
    assert done.record["metrics"]["live"] == pytest.approx(first.record["metrics"]["model"])


def test_model_of_shuffled_labels_is_refused_as_no_better_than_popularity(
    first: Done, root: Path, ratings: Path, run_warm: Runner
) -> None:
    settings = (*FAST, *OPEN, "trainer.shuffle_labels=true", "gate.min_popularity_ratio=1.05")
    done = run_warm(root, "--data-root", str(ratings), settings=settings)
    _assert_refused(done, first, ["popularity_ratio", "unseen_popularity_ratio"])


def _assert_refused(done: Done, first: Done, gates: list[str]) -> None:
    assert done.code == 3, done.screen
    assert (done.record["status"], done.record["pushed"]) == ("refused", None)
    failed = [decision["name"] for decision in done.record["gate"] if not decision["passed"]]
    assert set(failed) & set(gates)
    assert set(failed) <= set(gates)
    assert done.versions() == [_version(first)]
    assert "REFUSED" in done.screen
    assert "is required" in done.record["reason"] or "is allowed" in done.record["reason"]


@pytest.fixture(scope="module")
def killed(root: Path, ratings: Path, first: Done) -> dict[str, object]:
    """A run with another seed, killed while the Trainer works; a second one tried beside it."""
    # Seeds differ by more than gate.max_drop on so few ratings: here it is not the gate's turn.
    settings = ("--set", "trainer.seed=1", "--set", "gate.max_drop=0.05")
    options = ("--data-root", str(ratings), *settings)
    with subprocess.Popen(
        command(root, *options), stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip().startswith("Transform"):
                break
        beside = run(root, *options)
        process.send_signal(signal.SIGKILL)
    return {"beside": beside, "options": options}


def test_second_run_at_once_is_refused_with_a_clear_line(killed: dict[str, object]) -> None:
    beside = killed["beside"]
    assert isinstance(beside, Done)
    assert beside.code == 1
    assert "another run is under way" in beside.screen
    assert "Traceback" not in beside.screen


def test_killed_run_leaves_what_is_live_and_can_be_started_again(
    killed: dict[str, object], root: Path, first: Done, run_warm: Runner
) -> None:
    last = json.loads((root / "history" / "movielens.jsonl").read_text().splitlines()[-1])
    assert last["status"] == "refused"  # the killed run left no entry
    options = killed["options"]
    assert isinstance(options, tuple)
    done = run_warm(root, *options)
    assert done.code == 0, done.screen
    assert done.record["status"] == "pushed"
    assert done.cached()["Transform"]
    assert not done.cached()["Trainer"]
    # The newest version is the new one; the one before is still there.
    assert done.versions() == [_version(first), _version(done)]


def test_removed_model_is_pushed_again(
    root: Path, ratings: Path, killed: dict[str, object], run_warm: Runner
) -> None:
    import shutil

    shutil.rmtree(root / "serving_model")
    done = run_warm(root, "--data-root", str(ratings))
    assert done.code == 0, done.screen
    assert done.record["status"] == "pushed"
    assert done.versions() == [_version(done)]
