"""Kubeflow's own code takes what we compile: upload, run, run parameters, recurring run.

Each test is about one version of Kubeflow and one compiled variant; what it proves is a column of
the table in docs/kubeflow.md.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.conformance import variants
from tests.conformance.source import Version
from tests.conformance.template.check_program import (
    ACCEPTED,
    CRON,
    PARAMETERS_OF,
    RECURRING,
    REFUSED,
    Answer,
    answers,
)

every_variant = pytest.mark.parametrize("variant", list(variants.VARIANTS))
few_variants = pytest.mark.parametrize("variant", PARAMETERS_OF)


@pytest.fixture
def answer(version: Version, variant: str) -> Answer:
    return answers(version)[variant]


def documents(variant: str) -> tuple[dict[str, Any], dict[str, Any]]:
    spec, platform = yaml.safe_load_all(variants.compiled(variant))
    return spec, platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]


@every_variant
@pytest.mark.proves("compiles")
def test_run_becomes_a_workflow_that_argo_takes(answer: Answer, variant: str) -> None:
    assert answer.upload == ""
    assert answer.runs[json.dumps({})] == ""
    spec, _ = documents(variant)
    assert answer.name == spec["pipelineInfo"]["name"]
    tasks = spec["root"]["dag"]["tasks"]
    # Of each task of the pipeline there is one that runs it, beside its driver.
    names = {task["name"] for task in workflow_tasks(answer.workflow)}
    assert names.issuperset(name.lower() if name.lower() in names else name for name in tasks)


@every_variant
@pytest.mark.proves("compiles")
def test_driver_reads_the_second_document(answer: Answer, variant: str) -> None:
    assert answer.platform == []
    _, executors = documents(variant)
    given = workflow_parameters(answer.workflow, "kubernetes-")
    # Each entry arrives whole; some versions write equal ones once.
    actual = {json.dumps(json.loads(text), sort_keys=True) for text in given}
    assert actual == {json.dumps(entry, sort_keys=True) for entry in executors.values()}


@few_variants
@pytest.mark.proves("parameters")
def test_run_parameters_are_taken(answer: Answer) -> None:
    told = {text: answer.runs[text] for text in map(json.dumps, ACCEPTED)}
    assert told == dict.fromkeys(told, "")


@few_variants
@pytest.mark.proves("parameters")
def test_run_parameters_of_another_type_or_name_are_refused(answer: Answer) -> None:
    told = {next(iter(values)): answer.runs[json.dumps(values)] for values in REFUSED}
    # The refusal names the parameter.
    assert [name for name, refusal in told.items() if name not in refusal] == [], told


@every_variant
@pytest.mark.proves("compiles")
def test_another_pipeline_root_is_taken(answer: Answer) -> None:
    assert answer.root == ""


@every_variant
@pytest.mark.proves("recurring")
def test_recurring_run_is_taken_with_its_parameters(answer: Answer) -> None:
    assert answer.recurring == ""
    spec = answer.scheduled["spec"]
    assert spec["enabled"]
    assert spec["noCatchup"]
    assert spec["trigger"]["cronSchedule"]["cron"] == CRON
    given = {one["name"]: json.loads(one["value"]) for one in spec["workflow"]["parameters"]}
    assert given == RECURRING


def workflow_tasks(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    templates = workflow["spec"]["templates"]
    return [task for template in templates for task in template.get("dag", {}).get("tasks", [])]


def workflow_parameters(workflow: dict[str, Any], prefix: str) -> list[str]:
    """Returns what a workflow holds for its drivers: annotations up to 2.2, arguments since."""
    annotations = workflow["metadata"].get("annotations", {})
    texts = {name.rpartition("/")[2]: value for name, value in annotations.items()}
    given = workflow["spec"]["arguments"].get("parameters", [])
    texts |= {one["name"]: one["value"] for one in given}
    return [text for name, text in texts.items() if name.startswith(prefix)]
