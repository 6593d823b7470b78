"""The compiled pipeline: taken by a strict backend, the same as the golden, without the machine."""

from __future__ import annotations

import dataclasses
import difflib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from components.errors import ConfigError
from pipeline.config import settings
from pipeline.config.settings import PipelineConfig
from pipeline.kubeflow import parameters
from pipeline.kubeflow.compile import compiler
from pipeline.kubeflow.compile.target import Mount, Target
from pipeline.kubeflow.step import run_settings
from tests.emulator.spec import upload

GOLDEN = Path(__file__).parent / "golden" / "movielens.yaml"
REPOSITORY = Path(__file__).resolve().parents[4]


def without_versions(text: str) -> str:
    """The stack's version is the only thing in which the two stacks differ."""
    return re.sub(r"^sdkVersion: .*$", "sdkVersion: tfx", text, flags=re.MULTILINE)


def test_package_is_the_golden(package: str) -> None:
    compiled = without_versions(package)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(compiled, encoding="utf-8")
    golden = GOLDEN.read_text(encoding="utf-8")
    lines = difflib.unified_diff(golden.splitlines(), compiled.splitlines(), "golden", "now", n=2)
    assert compiled == golden, "\n".join(lines) + "\nif that is meant: make golden"


def test_package_is_taken_by_a_strict_backend(package: str) -> None:
    uploaded = upload(package)
    assert uploaded.order()[-1] == "Pusher"
    assert uploaded.kubernetes("ExampleGen")["pvcMount"][0]["constant"] == "recommender"
    assert uploaded.kubernetes("Trainer") == {}


def test_package_holds_nothing_that_the_backend_refuses(package: str) -> None:
    spec = next(yaml.safe_load_all(package))
    assert "resolver" not in json.dumps(spec["deploymentSpec"])
    assert "lifecycle" not in json.dumps(spec["deploymentSpec"])


def test_package_holds_no_path_of_this_machine(package: str) -> None:
    for path in (str(REPOSITORY), f"{Path.home()}/", sys.prefix, os.getcwd()):
        assert path not in package


def test_package_shows_figures_and_page_to_people(package: str) -> None:
    outputs = {
        name: component.get("outputDefinitions", {}).get("artifacts", {})
        for name, component in next(yaml.safe_load_all(package))["components"].items()
    }
    assert outputs["Evaluator"]["metrics"]["artifactType"]["schemaTitle"] == "system.Metrics"
    assert outputs["Gate"]["verdict"]["artifactType"]["schemaTitle"] == "system.Metrics"
    assert outputs["Report"]["page"]["artifactType"]["schemaTitle"] == "system.HTML"


def test_form_shows_the_defaults_of_the_compiled_settings(target: Target) -> None:
    text = compiler.compile_pipeline(target, "notebook-32", {"gate": {"max_drop": 0.02}})
    declared = next(yaml.safe_load_all(text))["root"]["inputDefinitions"]["parameters"]
    assert declared["preset"]["defaultValue"] == "notebook-32"
    assert declared["max_drop"]["defaultValue"] == 0.02
    assert declared["data_root"]["defaultValue"] == target.data_root
    assert all(field["isOptional"] for field in declared.values())


@pytest.mark.parametrize(
    "base",
    [
        {},
        {"data": {"span_pattern": ""}, "gate": {"max_drop": 0.0, "min_top_100_accuracy": 0.0}},
    ],
)
def test_no_default_is_one_that_the_page_takes_for_missing(target: Target, base) -> None:
    """The form of Kubeflow up to 2.4 asks `if (defaultValue)`, which 0 and "" are not."""
    text = compiler.compile_pipeline(target, "default", base)
    declared = next(yaml.safe_load_all(text))["root"]["inputDefinitions"]["parameters"]
    assert [name for name, field in declared.items() if not field["defaultValue"]] == []
    values = {name: field["defaultValue"] for name, field in declared.items()}
    values["base_settings"] = json.dumps(compiler.run_time_part(base))
    config = run_settings.run_config(values)
    assert config == settings.validate(base)


def test_run_properties_are_those_of_the_graph(package: str) -> None:
    """What run_settings sets in a container has the names and values that the graph gives."""
    uploaded = upload(package)
    for step in [name for name in parameters.CONFIGURED if name in uploaded.tasks]:
        compiled = uploaded.tasks[step]["inputs"]["parameters"]
        properties = run_settings.properties(step, PipelineConfig())
        assert properties, step
        for name, value in properties.items():
            constant = compiled[name]["runtimeValue"]["constant"]
            assert json.loads(constant) == json.loads(value), (step, name)


def test_mount_parse_refuses() -> None:
    with pytest.raises(ConfigError, match="CLAIM:/PATH"):
        Mount.parse("claim")


def test_mount_holds_only_what_is_below() -> None:
    mount = Mount.parse("claim:/mnt/data")
    assert mount.holds("/mnt/data/x")
    assert mount.holds("/mnt/data")
    assert not mount.holds("/mnt/database")


def test_compile_pipeline_refuses_a_name_that_kubeflow_refuses(target: Target) -> None:
    with pytest.raises(ConfigError, match="--pipeline-name"):
        compiler.compile_pipeline(dataclasses.replace(target, name="Movie_Lens"), "default", {})


@pytest.mark.slow
def test_compile_command_writes_what_the_backend_takes(tmp_path: Path) -> None:
    output = tmp_path / "p.yaml"
    command = [sys.executable, "kubeflow_runner.py", "compile", "--image", "i:1"]
    command += ["--pipeline-root", "s3://b/r", "--pvc", "c:/mnt", "--data-root", "/mnt/d"]
    command += ["--serving-root", "/mnt/s", "--output", str(output)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    upload(output.read_text())
