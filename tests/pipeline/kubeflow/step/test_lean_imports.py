"""Imports that a step does not need stay out of it, and those that it needs work."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.kubeflow.step import lean_imports

STEPS = {
    "ExampleGen": "components.example_gen.executor",
    "LiveModel": "components.live_model.component",
    "Drift": "components.drift.component",
    "SchemaGen": "tfx.components.schema_gen.import_schema_gen.executor",
    "Gate": "components.refuse_model.component",
    "Pusher": "components.pusher.executor",
    "ServingCheck": "components.serving_check.component",
    "Trainer": "components.trainer.component",
}
# One import of what a step starts with, in a process of its own; prints what came with it.
PROGRAM = """
import importlib, sys
from pipeline.kubeflow.step import lean_imports
lean_imports.before_executor(sys.argv[1])
importlib.import_module(sys.argv[2])
lean_imports.after_executor()
from tfx.orchestration.kubeflow.v2.container import kubeflow_v2_run_executor
for name in ("apache_beam", "kubernetes"):
    print(name, name in sys.modules)
"""


def test_before_executor_does_not_touch_what_is_loaded() -> None:
    import tfx.components

    loaded = sys.modules["tfx.components"]
    lean_imports.skip_init("tfx.components")
    assert sys.modules["tfx.components"] is loaded
    assert tfx.components.Pusher


def test_skip_init_of_no_package() -> None:
    with pytest.raises(ImportError, match="is not a package"):
        lean_imports.skip_init("no_such_package_at_all")


def test_skip_init_leaves_modules_below_importable() -> None:
    program = (
        "from pipeline.kubeflow.step.lean_imports import skip_init; skip_init('wsgiref');"
        "import wsgiref.util, sys; print(sys.modules['wsgiref'].__class__.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "LeftOut"


def test_left_out_module_says_so() -> None:
    module = lean_imports.LeftOut("costly")
    with pytest.raises(AttributeError, match=r"costly\.thing: the module is left out of this step"):
        module.thing  # noqa: B018


def test_stand_in_gives_a_class_that_nothing_is_one_of() -> None:
    lean_imports.stand_in("a_costly_module", "Base")
    try:
        assert not issubclass(int, sys.modules["a_costly_module"].Base)
    finally:
        del sys.modules["a_costly_module"]


@pytest.mark.slow
@pytest.mark.parametrize("step", ["Gate", "LiveModel", "Pusher", "Trainer"])
def test_small_step_starts_without_beam_and_without_kubernetes(step: str) -> None:
    done = _start(step)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "apache_beam False" in done.stdout
    assert "kubernetes False" in done.stdout


@pytest.mark.slow
def test_step_that_computes_with_tfdv_starts_with_it() -> None:
    done = _start("Drift")
    assert done.returncode == 0, done.stderr[-3000:]


def _start(step: str) -> subprocess.CompletedProcess[str]:
    """Imports what a step starts with, as its container does."""
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, step, STEPS[step]]
    env = {"_KFP_RUNTIME": "true", "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**_environment(), **env}
    )


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ)
