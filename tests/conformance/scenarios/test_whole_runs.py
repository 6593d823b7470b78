"""From rating files to a pushed model, again against the live one, and refused."""

from __future__ import annotations

import json

import pytest

from tests.conformance.cluster.argo import FAILED, OMITTED, SKIPPED, SUCCEEDED
from tests.conformance.scenarios.conftest import Finished
from tests.conformance.scenarios.world import (
    GOOGLE_ROOT,
    ROOT,
    World,
    read_addresses,
    read_metrics,
)

pytestmark = [pytest.mark.proves("runs"), pytest.mark.slow]

STEPS = {
    *("ExampleGen", "StatisticsGen", "SchemaGen", "ExampleValidator", "Transform"),
    *("LiveModel", "NewestSpan", "NewestStatistics", "Drift", "Trainer"),
    *("Evaluator", "ServingCheck", "Report", "Gate", "Pusher"),
}


def failures(finished: Finished) -> str:
    nodes = finished.run.nodes.values()
    return "\n".join(
        f"{one.label}: {one.message}\n{one.log[-3000:]}" for one in nodes if one.phase == FAILED
    )


def test_first_run_pushes_a_model(first: Finished) -> None:
    assert first.run.phase == SUCCEEDED, failures(first)
    assert set(first.attempts) == STEPS
    assert (first.before, len(first.after)) == ([], 1)


def test_step_that_is_killed_is_tried_again(first: Finished) -> None:
    assert first.run.step("LiveModel").phase == SUCCEEDED
    assert first.run.step("LiveModel").attempts == 2
    assert first.attempts.count("LiveModel") == 2


def test_status_tells_what_became_of_a_run(world: World, first: Finished) -> None:
    lines = world.cluster.command("status", "--count=100").stdout.splitlines()
    # Two lines a run: time, state and gate; name and address, which ends with its id.
    (number,) = [n for n, line in enumerate(lines) if line.endswith(first.run_id)]
    assert lines[number - 1].split(maxsplit=1)[1].split() == ["SUCCEEDED", "gate:", "passed"]


def test_status_tells_of_a_refused_model(world: World, refused: Finished) -> None:
    lines = world.cluster.command("status", "--count=100").stdout.splitlines()
    (number,) = [n for n, line in enumerate(lines) if line.endswith(refused.run_id)]
    assert "FAILED" in lines[number - 1]
    assert "gate: refused" in lines[number - 1]


def test_second_run_takes_from_the_cache_only_what_no_data_can_change(second: Finished) -> None:
    assert second.run.phase == SUCCEEDED, failures(second)
    cached = {task for task in STEPS if second.run.step(task).phase == SKIPPED}
    # The examples are new, and all that is made of them.
    assert cached == {"SchemaGen"}
    assert {"ExampleGen", "LiveModel", "Gate", "Pusher"} <= set(second.attempts)


def test_second_run_reads_the_new_span(first: Finished, second: Finished) -> None:
    before, after = (read_metrics(one.run_id)["ExampleGen.examples"] for one in (first, second))
    assert (before["span"], after["span"]) == (1, 2)
    assert "span-2" in after["input_fingerprint"]


def test_second_run_is_compared_with_the_live_model(first: Finished, second: Finished) -> None:
    before, after = (read_metrics(one.run_id)["Evaluator.metrics"] for one in (first, second))
    assert "live_top_100_accuracy" not in before
    assert 0 < after["live_top_100_accuracy"] <= 1
    assert after["gate"] == "passed"
    assert second.before == first.after
    assert len(second.after) == 2


def test_drift_compares_the_newest_span_alone(first: Finished, second: Finished) -> None:
    assert "share of new users" not in read_metrics(first.run_id)["Drift.drift"]
    drift = read_metrics(second.run_id)["Drift.drift"]
    # Of the newest span nobody was there before; of all three spans it would be about a half.
    assert drift["share of new users"] == pytest.approx(1.0)


def test_refused_model_fails_the_gate_with_its_sentence(
    second: Finished, refused: Finished
) -> None:
    assert refused.run.phase == FAILED
    gate = refused.run.step("Gate")
    assert gate.phase == FAILED
    assert gate.message.startswith("Gate: the model is refused and not pushed: top_100_accuracy")
    assert "at least 0.9990 is required" in gate.message
    assert gate.attempts == 1
    assert refused.run.nodes["/root/Pusher"].phase == OMITTED
    # That of the first run and that of the second, which went on at the same time.
    assert len({*refused.after, *second.after}) == 2
    assert read_metrics(refused.run_id)["Evaluator.metrics"]["gate"].startswith("refused: ")


def test_tuner_and_warm_start_run(world: World, refused: Finished) -> None:
    assert refused.run.step("Tuner").phase == SUCCEEDED, failures(refused)
    assert refused.run.step("Trainer").phase == SUCCEEDED, failures(refused)
    (history,) = (
        content
        for name, content in world.cluster.google.objects.items()
        if name.endswith("/model_run/history.json")
    )
    assert json.loads(history)["start"]["kind"] == "warm"


def test_artifacts_are_where_the_root_says(
    world: World, first: Finished, second: Finished, refused: Finished
) -> None:
    for finished, root in ((first, ROOT), (second, ROOT), (refused, GOOGLE_ROOT)):
        addresses = read_addresses(finished.run_id)
        assert {"ExampleGen.examples", "Trainer.model", "Evaluator.metrics"} <= addresses.keys()
        assert [one for one in addresses.values() if not one.startswith(f"{root}/")] == []
    # What stands in another bucket is not taken from the cache.
    assert "SchemaGen" in refused.attempts
    assert world.cluster.google.objects
    assert world.cluster.google.unknown == []
