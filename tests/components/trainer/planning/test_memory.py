from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from components.trainer.config import TrainerConfig
from components.trainer.planning import memory
from components.trainer.planning.memory import available_memory, memory_of
from components.trainer.planning.sizes import Sizes

GIB, MIB = 1 << 30, 1 << 20
Groups = Callable[[str, dict[str, int | str]], None]


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Groups:
    """Returns a function that puts this process into control groups and nothing else limits it.

    It takes the lines of /proc/self/cgroup, and files below the root: path → content.
    """

    def put(membership: str, files: dict[str, int | str]) -> None:
        (tmp_path / "membership").write_text(membership)
        for name, content in files.items():
            file = tmp_path / "root" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{content}\n")

    real = memory.lines_of

    def lines(path: Path) -> list[str]:
        if path == Path("/proc/meminfo"):
            return []
        return real(tmp_path / "membership" if path == Path("/proc/self/cgroup") else path)

    monkeypatch.setattr(memory, "lines_of", lines)
    monkeypatch.setattr(memory, "_CGROUP", tmp_path / "root")
    return put


def v2(folder: str, limit: int | str, usage: int, cache: int | None = None) -> dict:
    files = {f"{folder}/memory.max": limit, f"{folder}/memory.current": usage}
    if cache is not None:
        files[f"{folder}/memory.stat"] = f"anon 5\ninactive_file {cache}\nactive_file 7"
    return files


def v1(folder: str, limit: int, usage: int, cache: int | None = None) -> dict:
    folder = f"memory/{folder}"
    files = {
        f"{folder}/memory.limit_in_bytes": limit,
        f"{folder}/memory.usage_in_bytes": usage,
    }
    if cache is not None:
        files[f"{folder}/memory.stat"] = f"inactive_file 1\ntotal_inactive_file {cache}"
    return files


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        ("0::/a\n", v2("a", 1000, 300), 700),
        # The file cache is given back when it is needed.
        ("0::/a\n", v2("a", 1000, 300, cache=40), 740),
        ("0::/a\n", v2("a", "max", 300), None),
        # A group above may leave less.
        ("0::/a/b\n", {**v2("a/b", 1000, 100), **v2("a", 600, 200)}, 400),
        ("0::/a/b\n", {**v2("a/b", "max", 100), **v2("a", 600, 200)}, 400),
        ("0::/a/b\n", {**v2("a/b", 300, 100), **v2("a", 900, 200)}, 200),
        # In a container the path is of the host, and the root is the group.
        ("0::/kubepods/pod7\n", v2(".", 500, 100), 400),
        ("0::/\n", v2(".", 500, 100), 400),
        ("9:cpu,memory:/a\n3:cpu:/b\n", {**v1("a", 1000, 300), **v1("b", 1, 0)}, 700),
        ("9:memory:/a\n", v1("a", 1000, 300, cache=40), 740),
        ("9:memory:/a/b\n", {**v1("a/b", 1 << 62, 100), **v1("a", 600, 200)}, 400),
        ("9:memory:/docker/x\n", v1(".", 500, 100), 400),
        # Both versions: version 2 without a memory controller.
        ("9:memory:/a\n0::/a\n", v1("a", 1000, 300), 700),
        # A limit that was lowered below the usage leaves nothing.
        ("0::/a\n", v2("a", 100, 300), 0),
        # Half of the files, none, and what is no number.
        ("0::/a\n", {"a/memory.max": 1000}, None),
        ("0::/a\n", {"a/memory.current": 1000}, None),
        ("0::/a\n", {}, None),
        ("0::/a\n", v2("a", "", 300), None),
        ("", v2("a", 1000, 300), None),
    ],
)
def test_available_memory_is_what_the_control_groups_leave(
    membership: str, files: dict, expected: int | None, groups: Groups
) -> None:
    groups(membership, files)
    assert available_memory() == expected


def test_available_memory_is_what_the_address_space_leaves(groups: Groups) -> None:
    groups("", {})
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + 8 * GIB
    if hard != resource.RLIM_INFINITY and limit > hard:
        pytest.skip("the address space is limited already")
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        left = available_memory()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert left is not None
    # Threads of TensorFlow may take some in the meantime.
    assert abs(left - 8 * GIB) < 512 * MIB


def test_available_memory_is_the_least_of_all(
    monkeypatch: pytest.MonkeyPatch, groups: Groups
) -> None:
    groups("0::/a\n", v2("a", 1000, 300))
    monkeypatch.setattr(memory, "_free_on_machine", lambda: 5)
    assert available_memory() == 5
    monkeypatch.setattr(memory, "_free_on_machine", lambda: 5000)
    assert available_memory() == 700


def test_available_memory_of_this_machine_is_below_what_it_has() -> None:
    total = next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal:")
    )
    left = available_memory()
    assert left is not None
    assert 0 < left <= total


SIZES = Sizes(users=1000, interactions=50_000, movies=3000, catalogue=4000)
CONFIG = TrainerConfig(embedding_dim=64, batch_size=100, linear_rank=32)


def test_memory_follows_the_formula() -> None:
    parts = memory_of(CONFIG, SIZES)
    assert parts["the interactions"] == 3 * (4 * 50_000 + 8 * 1000)
    assert parts["the tables of movies and users"] == 4 * 4 * 3000 * 64
    assert parts["the scores of a step"] == 4 * 4 * 100 * 3000
    assert parts["the linear part"] == 4 * 4 * 3000 * (32 + 16)
    assert parts["the exported model"] == 3 * 4 * 4000 * (64 + 32 + 1) + 300 * MIB


@pytest.mark.parametrize(
    ("changes", "part", "expected"),
    [
        ({"linear_rank": 0}, "the linear part", 0),
        ({"query": "user_id"}, "the linear part", 0),
        ({"query": "user_id"}, "the tables of movies and users", 4 * 4 * 4000 * 64),
        # 10 users of a step with 32 targets each, and 5 draws; never more than there are movies.
        (
            {"loss": "sampled_softmax", "negatives": 5, "batch_size": 10},
            "the scores of a step",
            4 * 4 * 10 * 325,
        ),
        ({"loss": "sampled_softmax"}, "the scores of a step", 4 * 4 * 100 * 3000),
        ({"loss": "in_batch", "batch_pairs": 70}, "the scores of a step", 4 * 4 * 100 * 70),
        ({"loss": "in_batch", "query": "user_id"}, "the scores of a step", 4 * 4 * 100 * 100),
    ],
)
def test_memory_counts_what_the_settings_have(changes: dict, part: str, expected: int) -> None:
    assert memory_of(CONFIG.model_copy(update=changes), SIZES).get(part, 0) == expected
