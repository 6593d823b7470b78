"""Verdicts on files and in words."""

from pathlib import Path

from components.serving_check.result import (
    Check,
    ServingCheckResult,
    failure,
    from_probe,
    read_check,
    write_check,
)

GOOD = Check("load", True, "loaded in 0.3 s")
BAD = Check("raw", False, "the scores are not sorted")


def test_verdict_passes_only_if_every_check_does_and_there_is_one() -> None:
    assert ServingCheckResult((GOOD,)).passed
    assert not ServingCheckResult((GOOD, BAD)).passed
    assert not ServingCheckResult(()).passed


def test_verdict_reason_names_what_failed() -> None:
    assert ServingCheckResult((GOOD, BAD)).reason == (
        "the exported model fails the serving check (raw: the scores are not sorted)"
    )
    assert ServingCheckResult((GOOD,)).reason == "the exported model passes the 1 checks of serving"


def test_verdict_has_a_reason_to_refuse_only_where_it_does() -> None:
    refused = ServingCheckResult((GOOD, BAD))
    assert refused.reasons == [refused.reason]
    assert ServingCheckResult((GOOD,)).reasons == []


def test_read_check_gives_back_what_was_written(tmp_path: Path) -> None:
    written = ServingCheckResult((GOOD, BAD), latency_ms=4.5, seconds=6.0)
    write_check(str(tmp_path / "new"), written)
    assert read_check(str(tmp_path / "new")) == written


def test_from_probe_takes_its_checks_in_order() -> None:
    checks = [{"name": "load", "passed": True, "detail": "d"}]
    verdict = from_probe({"checks": checks, "latency_ms": 2.0}, seconds=3.0)
    assert verdict == ServingCheckResult((Check("load", True, "d"),), 2.0, 3.0)


def test_failure_is_one_failed_check() -> None:
    verdict = failure("process", "no answer", 1.0)
    assert [check.name for check in verdict.checks] == ["process"]
    assert not verdict.passed
