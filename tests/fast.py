"""Which tests `make test-fast` leaves out, found from what they import; nothing is imported here.

Left out are test modules whose imports lead to TFX, Beam or the libraries built on them, tests
that import these in the function itself or in one of its fixtures, and tests with a marker of
`SLOW_MARKERS`.
"""

from __future__ import annotations

import ast
import dis
import functools
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

PROJECT = Path(__file__).parents[1]
HEAVY = {
    "apache_beam",
    "ml_metadata",
    "tensorflow_data_validation",
    "tensorflow_model_analysis",
    "tensorflow_transform",
    "tfx",
    "tfx_bsl",
}
SLOW_MARKERS = ("e2e", "engine", "faults", "real_data", "slow")


@functools.cache
def imports_heavy(path: Path) -> bool:
    """Tells whether importing a file imports a heavy library, directly or through our modules."""
    return _reaches_heavy(path, set())


def _reaches_heavy(path: Path, visited: set[Path]) -> bool:
    visited.add(path)
    modules = _top_level_imports(path)
    if any(module.partition(".")[0] in HEAVY for module in modules):
        return True
    files = {file for module in modules for file in _files_of(module)}
    return any(_reaches_heavy(file, visited) for file in files if file not in visited)


@functools.cache
def _top_level_imports(path: Path) -> tuple[str, ...]:
    """Returns the modules that a file imports when it is imported; `from a import b` gives both."""
    return tuple(_imported(ast.parse(path.read_text(encoding="utf-8")).body))


def _imported(statements: list[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            yield statement.module
            yield from (f"{statement.module}.{alias.name}" for alias in statement.names)


@functools.cache
def _files_of(module: str) -> tuple[Path, ...]:
    """Returns the files of this project that are executed when a module is imported."""
    parts = module.split(".")
    path = PROJECT.joinpath(*parts)
    packages = [PROJECT.joinpath(*parts[:end], "__init__.py") for end in range(1, len(parts) + 1)]
    return tuple(file for file in (*packages, path.with_suffix(".py")) if file.is_file())


def is_slow(item: pytest.Item) -> bool:
    """Tells whether a test is marked as slow, or imports a heavy library when it runs."""
    if any(item.get_closest_marker(name) for name in SLOW_MARKERS):
        return True
    fixtures = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    functions = [item.function, *(each[-1].func for each in fixtures.values())]  # type: ignore[attr-defined]
    return any(
        _is_heavy(module)
        for function in functions
        if (code := getattr(function, "__code__", None))
        for module in _imports_of(code)
    )


def _is_heavy(module: str) -> bool:
    return module.partition(".")[0] in HEAVY or any(map(imports_heavy, _files_of(module)))


def _imports_of(code: CodeType) -> Iterator[str]:
    """Returns the modules that a function imports, functions inside it included."""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _imports_of(constant)
