"""The collector is off while modules are imported, and on after it."""

from __future__ import annotations

import gc
import sys
import types
import weakref
from collections.abc import Iterator

import pytest

from pipeline.garbage_collection import THRESHOLDS, paused_for_imports


@pytest.fixture(autouse=True)
def collector_as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    gc.enable()


class _Cycle:
    def __init__(self) -> None:
        self.itself = self


def test_nothing_is_collected_in_the_block() -> None:
    with paused_for_imports():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_is_on_again_after_an_import_that_failed() -> None:
    with pytest.raises(ImportError), paused_for_imports():
        raise ImportError
    assert gc.isenabled()


@pytest.mark.parametrize("imports", [True, False])
def test_only_what_was_there_after_an_import_is_left_alone(
    imports: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with paused_for_imports():
        early = _Cycle()
        if imports:
            monkeypatch.setitem(sys.modules, "imported_here", types.ModuleType("imported_here"))
    late = _Cycle()
    frozen, found = weakref.ref(early), weakref.ref(late)
    del early, late
    gc.collect()
    assert (frozen() is not None) == imports
    assert (gc.get_threshold() == THRESHOLDS) == imports
    assert found() is None
