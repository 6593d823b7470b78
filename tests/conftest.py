"""Options and fixtures shared by all tests, the order in which they run, and the fast selection."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.tensorflow_settings import prepare_tensorflow
from pipeline.interrupts import ENDING
from tests import fast
from tests.hostile import summary

prepare_tensorflow(log_level=2)
# One thread for each process: the tests use the cores by running side by side. Processes that
# tests start inherit it.
for _name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

TESTS = Path(__file__).parent
BYTES_PER_WORKER = 3 << 30  # a worker and the runs that it starts
# The modules that take longest, the longest first: what is started last should be short.
LONGEST = (
    "engine/test_portable_runner.py",
    "e2e/test_operations.py",
    "e2e/test_life_of_a_model.py",
    "emulator/test_run.py",
    "e2e/test_bad_input.py",
    "benchmarks/test_contenders.py",
    "components/evaluator/test_executor.py",
    "components/trainer/inputs/test_features.py",
    "components/trainer/export/test_index_model.py",
    "components/trainer/test_train.py",
    "benchmarks/test_notebook_rows.py",
    "pipeline/kubeflow/step/test_lean_imports.py",
    "components/trainer/test_learning.py",
    "components/trainer/inputs/test_batches.py",
    "components/trainer/fitting/test_warm_start.py",
    "components/example_gen/test_ingest_ratings.py",
    "benchmarks/test_ablation.py",
    "components/example_gen/test_component.py",
)


def pytest_configure() -> None:
    """Heeds signals that whoever started the tests ignores, as nohup does: tests send them."""
    for number in ENDING:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(
                number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            )


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the path of the real data and the fast selection."""
    parser.addoption(
        "--movielens-root",
        default=os.environ.get("MOVIELENS_ROOT"),
        help="Folder with ml-1m/ and ml-100k/ (or environment variable MOVIELENS_ROOT).",
    )
    parser.addoption(
        "--fast",
        action="store_true",
        help="Only tests that start no run and need neither TFX nor Beam (make test-fast).",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Returns the workers of `-n auto`: as many as there are cores and memory for."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(len(os.sched_getaffinity(0)), memory // BYTES_PER_WORKER))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves out, before it is imported, what the fast selection leaves out."""
    if config.getoption("--fast") and collection_path.name.startswith("test_"):
        return fast.imports_heavy(collection_path) or None
    return None


@pytest.hookimpl(trylast=True)  # after those that -m and -k leave out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the longest modules first; with --fast, leaves out tests that are slow or import TFX."""
    rank = {TESTS / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
    if config.getoption("--fast"):
        left_out = [item for item in items if fast.is_slow(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows how many hostile attempts there were, and how many were answered as promised."""
    reports = [one for some in terminalreporter.stats.values() for one in some]
    called = [one for one in reports if getattr(one, "when", "") == "teardown"]
    for line in summary.lines(called):
        terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def signal_handlers() -> Iterator[None]:
    """Restores what signals do: a run leaves some ignored, and child processes inherit that."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True, scope="module")
def _keep_imported_modules_out_of_garbage_collection() -> None:
    """TensorFlow, TFX and Beam are a million objects: a full collection would take a second."""
    gc.collect()
    gc.freeze()


def _movielens(request: pytest.FixtureRequest, name: str) -> Path:
    root = request.config.getoption("--movielens-root")
    if not root or not (Path(root) / name).is_dir():
        pytest.skip(f"real {name} data not given: pass --movielens-root or set MOVIELENS_ROOT")
    return Path(root) / name


@pytest.fixture(scope="session")
def movielens_1m(request: pytest.FixtureRequest) -> Path:
    """Folder of MovieLens-1M."""
    return _movielens(request, "ml-1m")


@pytest.fixture(scope="session")
def movielens_100k(request: pytest.FixtureRequest) -> Path:
    """Folder of MovieLens-100K."""
    return _movielens(request, "ml-100k")
