"""Keeps imports that a step does not need out of its start.

`import tfx.components.X` first runs `tfx/components/__init__.py`, which imports every component of
TFX with TFMA, TFDV and Transform. Each step is a fresh process and needs one of them.
"""

from __future__ import annotations

import importlib.util
import sys
import types


def skip_init(package: str) -> None:
    """Makes a package importable without running its `__init__`: modules below it still are.

    Args:
        package: Name of a package that is only a collection of modules to whoever imports it.
    """
    if package in sys.modules:
        return
    parent, _, name = package.rpartition(".")
    search = importlib.import_module(parent).__path__ if parent else None
    spec = importlib.machinery.PathFinder.find_spec(package, search)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError(f"{package} is not a package")
    module = types.ModuleType(package)
    module.__path__ = list(spec.submodule_search_locations)
    module.__spec__ = spec
    sys.modules[package] = module
    if parent:
        setattr(sys.modules[parent], name, module)


def stand_in(module: str, attribute: str) -> None:
    """Puts an empty class in the place of a module's, where it is only asked «are you one of it?».

    Args:
        module: Name of a module that is costly to import.
        attribute: Name of the class in it.
    """
    if module in sys.modules:
        return
    lean = types.ModuleType(module)
    setattr(lean, attribute, type(attribute, (), {}))
    sys.modules[module] = lean


EVALUATOR_EXECUTOR = "tfx.components.evaluator.executor"


def prepare(node_id: str) -> None:
    """Prepares the imports of one step."""
    skip_init("tfx.components")
    if node_id != "Evaluator":
        # TFX's entrypoint imports it to treat the Evaluator's blessing differently.
        stand_in(EVALUATOR_EXECUTOR, "Executor")
