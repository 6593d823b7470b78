"""What a training needs of the memory, and what there is.

The estimate counts what is alive at the same time at the peak, in bytes:

    interactions   4 for each movie of a history, 8 for each user, three times: what was read, the
                   part that is trained on, and the copy that is exported
    movie table    4 · movies · dim for the weights, the first moment, the gradient and one product
    user table     the same for users, with query=user_id
    scores         4 · queries of a block · candidates, four times: scores, their logarithms, the
                   gradient and a product; once more where two of them are rounded to bfloat16
    linear part    4 · movies · (rank + 16), four times: the basis, its product with the matrix, and
                   what the orthonormalisation takes; and one block of users
    transitions    4 · (rates · m)² and 8 · rates · m² for the m most watched movies, and 4 for each
                   of 8,192 users and m movies
    encoder        4 · users of a step · window · dim, for each of about 20 values that a block
                   keeps for its gradient; with query=sequence
    export         of the index what bytes_to_build says, and what a traced graph takes
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

from components.trainer.config import TrainerConfig
from components.trainer.export.index_choice import bytes_to_build
from components.trainer.model.losses.query_blocks import QUERIES_OF_BLOCK
from components.trainer.model.sequence.transitions import ANSWERS, MOST_MOVIES, RATES
from components.trainer.planning.sizes import Sizes

_TABLE_COPIES, _SCORE_COPIES, _BASIS_COPIES, _ROW_COPIES = 4, 4, 4, 3
_OVERSAMPLING = 16
_MEGABYTE = 1 << 20
_GRAPH = 300 * _MEGABYTE
_TARGETS_OF_USER = 32
_VALUES_OF_BLOCK = 20
_CGROUP = Path("/sys/fs/cgroup")


def memory_of(config: TrainerConfig, sizes: Sizes) -> dict[str, int]:
    """Returns bytes by what they are for, the parts that are alive at the same time."""
    dim, rank = config.embedding_dim, config.linear_rank if config.query == "history" else 0
    users = sizes.users if config.query == "user_id" else 0
    in_order = config.query == "sequence"
    queries = config.queries
    transitions = config.transition_rank if in_order else 0
    candidates = sizes.movies
    if config.loss == "sampled_softmax":
        targets = queries * (config.next_targets if in_order else _TARGETS_OF_USER)
        candidates = min(sizes.movies, targets + config.negatives)
    elif config.loss == "in_batch":
        candidates = config.batch_pairs if config.query != "user_id" else config.batch_size
    elif config.loss == "full_softmax":
        queries = min(queries, QUERIES_OF_BLOCK)
    copies = _SCORE_COPIES + (config.precision == "bfloat16")
    width = rank + _OVERSAMPLING if rank else 0
    parts = {
        "the interactions": _ROW_COPIES * (4 * sizes.interactions + 8 * sizes.users),
        "the tables of movies and users": _TABLE_COPIES * 4 * (sizes.movies + users) * dim,
        "the scores of a step": copies * 4 * queries * candidates,
        "the linear part": _BASIS_COPIES * 4 * sizes.movies * width,
        "the transitions": _of_transitions(min(sizes.movies, MOST_MOVIES)) if transitions else 0,
        "the layers of a step": _of_layers(config) if in_order else 0,
        "the exported model": _GRAPH
        + bytes_to_build(sizes.catalogue, dim + rank + transitions + 1, config),
    }
    return {name: size for name, size in parts.items() if size}


def _of_transitions(movies: int) -> int:
    rates = len(RATES)
    return 4 * (rates * movies) ** 2 + 8 * rates * movies**2 + 4 * ANSWERS * movies


def _of_layers(config: TrainerConfig) -> int:
    values = config.batch_size * config.window * config.embedding_dim
    return 4 * values * _VALUES_OF_BLOCK * max(1, config.blocks)


def available_memory() -> int | None:
    """Returns the bytes that this process can still take; None where nobody says.

    The least of: what the machine has free, what the control groups (version 2 or 1) leave, and
    what the limit of the address space (`ulimit -v`) leaves.
    """
    known = [
        value
        for value in (_free_on_machine(), *_left_in_cgroups(_CGROUP), _left_of_address_space())
        if value is not None
    ]
    return max(0, min(known)) if known else None


def _free_on_machine() -> int | None:
    for line in lines_of(Path("/proc/meminfo")):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _left_in_cgroups(root: Path) -> list[int | None]:
    """Returns what each control group of this process, and each above it, leaves."""
    left: list[int | None] = []
    for line in lines_of(Path("/proc/self/cgroup")):
        number, controllers, path = line.split(":", 2)
        if number == "0":
            folder, names = root, ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            folder, names = root / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        group = folder / path.lstrip("/")
        # In a container the path is often of the host: then the root is the group.
        groups = [group, *group.parents][: len(group.relative_to(folder).parts)]
        left += [_left(place, *names) for place in (*groups, folder)]
    return left


def _left(folder: Path, limit_file: str, usage_file: str) -> int | None:
    limit, usage = (_number(folder / name) for name in (limit_file, usage_file))
    if limit is None or usage is None:
        return None
    # What the file cache of the group holds is given back when it is needed.
    cache = 0
    for line in lines_of(folder / "memory.stat"):
        if line.startswith(("inactive_file ", "total_inactive_file ")):
            cache = int(line.split()[1])
    return limit - usage + cache


def _left_of_address_space() -> int | None:
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    pages = _number(Path("/proc/self/statm"))
    return limit - (pages or 0) * os.sysconf("SC_PAGE_SIZE")


def _number(path: Path) -> int | None:
    """Returns the number that a file begins with; None for "max" or no such file."""
    lines = lines_of(path)
    first = lines[0].split()[0] if lines and lines[0].split() else ""
    return int(first) if first.isdigit() else None


def lines_of(path: Path) -> list[str]:
    """Returns the lines of a file of the kernel; none where there is no such file."""
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
