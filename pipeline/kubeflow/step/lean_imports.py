"""Keeps imports that a step does not need out of its start.

Each step is a fresh process, and most of a small step's time is imports. `import tfx.components.X`
first runs `tfx/components/__init__.py`, which imports every component of TFX; the specifications of
the standard components import TFMA for one type; TFX's entrypoint imports Beam and the Evaluator
only to ask whether the executor is one of theirs. docs/kubeflow.md has the figures.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
import types
from typing import Any

from pipeline import nodes


class LeftOut(types.ModuleType):
    """An empty module in the place of a costly one."""

    def __getattr__(self, name: str) -> Any:
        """Says what happened to whoever needs the real module after all.

        Raises:
            AttributeError: Always.
        """
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(
            f"{self.__name__}.{name}: the module is left out of this step to start it faster; see "
            "pipeline/kubeflow/step/lean_imports.py"
        )


def skip_init(package: str) -> None:
    """Makes a package importable without running its `__init__`: modules below it still are.

    Args:
        package: Name of a package that is only a collection of modules to whoever imports it.

    Raises:
        ImportError: There is no such package.
    """
    if package in sys.modules:
        return
    parent, _, name = package.rpartition(".")
    search = list(importlib.import_module(parent).__path__) if parent else None
    spec = importlib.machinery.PathFinder.find_spec(package, search)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError(f"{package} is not a package")
    module = LeftOut(package)
    module.__path__ = list(spec.submodule_search_locations)
    module.__spec__ = spec
    sys.modules[package] = module
    if parent:
        setattr(sys.modules[parent], name, module)


def stand_in(module: str, attribute: str, value: Any = None) -> None:
    """Puts a module with one attribute in the place of a costly one, unless that is loaded.

    Args:
        module: Name of the module.
        attribute: The only name in it that is needed.
        value: What it stands for; default: a class of that name with nothing in it.
    """
    if module not in sys.modules:
        lean = LeftOut(module)
        setattr(lean, attribute, value if value is not None else type(attribute, (), {}))
        sys.modules[module] = lean


def before_executor(node_id: str) -> None:
    """Prepares the imports of a step's executor."""
    libraries = nodes.BY_ID[node_id].libraries
    if "tfma" in libraries:
        # TFX 1.21 puts back what its TFMA no longer exports (tfma.EvalConfig) on the way.
        importlib.import_module("tfx.components")
        return
    skip_init("tfx.components")
    if "tfdv" not in libraries:
        skip_init("tensorflow_data_validation")
    stand_in("tensorflow_model_analysis.sdk", "EvalConfig")
    stand_in("tensorflow_model_analysis", "sdk", sys.modules["tensorflow_model_analysis.sdk"])


def after_executor() -> None:
    """Leaves out of TFX's entrypoint the base classes that the executor did not import itself.

    An executor of a class that is not loaded cannot be one of it.
    """
    stand_in("tfx.dsl.components.base.base_beam_executor", "BaseBeamExecutor")
    stand_in("tfx.components.evaluator.executor", "Executor")
