"""Chooses the settings that follow from the size of the data, and shrinks them to the memory.

The cost of one step, in floating point operations (FLOP), with `users` in the step, `candidates`
whose scores it computes, and `dim`:

    scores and the gradients of both their factors   6 · users · candidates · dim
    full_softmax     candidates = the vocabulary
    sampled_softmax  candidates = the step's targets and `negatives` more

With query=sequence each of `positions` of a user is a query with targets of its own: with
sampled_softmax the scores of a step grow with the square of their number.

Two cores do about 150 GFLOP a second of these products. Beside them a step passes over the scores
(users · candidates · 4 bytes) about eight times, and an update over the rows of the movie table
that the step used (dim · 4 bytes each): all rows with full_softmax. The linear part costs
6 · interactions · rank FLOP for each of its three passes, at a tenth of that speed.

A GPU computes a step of ten times the FLOP in less time. Where the users of a step, and not the
passes, limit a training, a step has four times as many users there, and so it makes four times as
many passes. Both are estimates: no GPU was at hand.

The limits below keep a training of ten million interactions at a few minutes on two cores, and the
cost of more data proportional to it (docs/scale.md has the measurements).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from components.errors import ConfigError
from components.trainer.config import TrainerConfig, TrainerSettings
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.model.sequence.averages import HEAD_RATES
from components.trainer.planning.by_tower import BY_TOWER, TowerDefaults
from components.trainer.planning.device import CPU, Device, find_device
from components.trainer.planning.memory import available_memory, memory_of
from components.trainer.planning.sizes import Sizes, sizes_of

NEGATIVES = 2048
PAIRS_IN_STEP = 8192
LARGE_CATALOGUE = 16_384
DIM_OF_LARGE_CATALOGUE = 128
POSITIONS, POSITIONS_OF_SAMPLED = 128, 16
TRANSITION_RANK, TRANSITION_RANK_OF_LARGE_CATALOGUE = 1024, 256
SMALLEST_DIM, SMALLEST_RANK = 32, 64
FLOP_OF_GPU, USERS_OF_GPU = 10, 4
# What is made smaller where the memory is short, one after the other, and how it is told. It counts
# where its first setting was chosen; what a person has given stays.
_SMALLER: tuple[tuple[dict[str, Any], str], ...] = (
    (
        {"linear_rank": SMALLEST_RANK},
        f"linear part of rank {SMALLEST_RANK}: a wider one does not fit the memory",
    ),
    (
        {"loss": "sampled_softmax", "positions": POSITIONS_OF_SAMPLED},
        "sampled softmax: the scores of the whole catalogue do not fit the memory",
    ),
    ({"linear_rank": 0}, "no linear part: it does not fit the memory"),
    ({"transition_rank": 0}, "no transitions in closed form: they do not fit the memory"),
    (
        {"embedding_dim": SMALLEST_DIM},
        f"embeddings of {SMALLEST_DIM} dimensions: wider ones do not fit the memory",
    ),
)
# Settings that follow from the data, in the order in which a person reads them.
_TOLD = (
    "query",
    "loss",
    "negatives",
    "embedding_dim",
    "batch_size",
    "positions",
    "epochs",
    "steps",
    "linear_rank",
    "transition_rank",
    "precision",
)


@dataclass(frozen=True)
class Plan:
    """The settings of a training and what they need.

    Attributes:
        config: The settings, every value decided.
        chosen: The settings that were "auto" and depend on the data, by name.
        memory: Bytes by what they are for, at the same time.
        notes: What was made smaller than usual so that it fits the memory, and why.
    """

    config: TrainerConfig
    chosen: dict[str, Any]
    memory: dict[str, int]
    notes: list[str] = field(default_factory=list)

    def sentence(self, sizes: Sizes) -> str:
        """Returns one line that says what was chosen, and for what; "" where nothing was."""
        if not self.chosen:
            return ""
        values = ", ".join(f"{name} {value}" for name, value in self.chosen.items())
        return f"chosen for {sizes}: {values}"


def plan(
    settings: TrainerSettings, sizes: Sizes, available: int | None = None, device: Device = CPU
) -> Plan:
    """Decides every setting that is "auto".

    Args:
        settings: The settings; what is not "auto" stays as it is.
        sizes: Size of the data.
        available: Bytes of memory that the training may take; None for no limit.
        device: What computes the steps.

    Raises:
        ConfigError: Even the smallest training does not fit the memory; the message says what
            would.
    """
    chosen = _by_cost(settings, sizes, device)
    notes: list[str] = []
    config = _decided(settings, chosen)
    memory = memory_of(config, sizes)
    for smaller, note in _SMALLER:
        if available is None or sum(memory.values()) <= available:
            break
        if next(iter(smaller)) not in chosen:
            continue
        changed = {**chosen, **{name: smaller[name] for name in smaller if name in chosen}}
        shrunk = _decided(settings, changed)
        if sum(memory_of(shrunk, sizes).values()) < sum(memory.values()):
            chosen, config, memory = changed, shrunk, memory_of(shrunk, sizes)
            notes.append(note)
    if available is None or sum(memory.values()) <= available:
        return Plan(config, _shown(chosen, config), memory, notes)
    raise ConfigError(_does_not_fit(memory, sizes, available))


def planned_config(
    settings: TrainerSettings, inputs: TrainingInputs, split: str = ""
) -> TrainerConfig:
    """Returns the settings of a training on these inputs, on this machine.

    Args:
        settings: The settings.
        inputs: The inputs.
        split: The split whose train part they are, as JSON of the settings.

    Raises:
        ConfigError: It does not fit the memory.
    """
    return plan(settings, sizes_of(inputs, split), available_memory(), find_device()).config


def _by_cost(settings: TrainerSettings, sizes: Sizes, device: Device) -> dict[str, Any]:
    """Returns the values of the settings that are "auto", by what a step and a pass cost."""
    query = settings.query
    if query == "auto":
        query = "sequence" if sizes.next_is_held_out else "history"
    tower = BY_TOWER[query]
    large = sizes.movies > LARGE_CATALOGUE
    dim = _or(
        settings.embedding_dim, min(tower.dim, DIM_OF_LARGE_CATALOGUE) if large else tower.dim
    )
    in_pairs = query == "user_id" and settings.loss == "in_batch"
    rows = sizes.interactions if in_pairs else sizes.users
    batch = _or(
        settings.batch_size, PAIRS_IN_STEP if in_pairs else _users_of_step(rows, tower, device)
    )
    queries = batch * _or(settings.positions, POSITIONS) if query == "sequence" else batch
    gigaflop = 6 * queries * sizes.movies * dim / 1e9
    most = tower.softmax_gflop * (FLOP_OF_GPU if device.is_gpu else 1)
    loss: str = settings.loss
    if loss == "auto":
        loss = "full_softmax" if gigaflop <= most else "sampled_softmax"
    values = {
        "query": query,
        **tower.values,
        "loss": loss,
        "negatives": NEGATIVES,
        "embedding_dim": dim,
        "batch_size": batch,
        "positions": POSITIONS_OF_SAMPLED if loss == "sampled_softmax" else POSITIONS,
        "linear_rank": dim,
        "transition_rank": TRANSITION_RANK_OF_LARGE_CATALOGUE if large else TRANSITION_RANK,
        "precision": "bfloat16" if device.has_bfloat16 else "float32",
        **_length(settings, -(-rows // batch), tower),
    }
    return {name: value for name, value in values.items() if getattr(settings, name) == "auto"}


def _users_of_step(users: int, tower: TowerDefaults, device: Device) -> int:
    """Returns the users of a step: more on a GPU, where all passes would be too many steps."""
    more = device.is_gpu and not tower.makes_all_passes(-(-users // tower.batch_size))
    return tower.batch_size * (USERS_OF_GPU if more else 1)


def _length(settings: TrainerSettings, steps_in_pass: int, tower: TowerDefaults) -> dict[str, int]:
    """Returns epochs, or steps where there are too many users for as many passes."""
    if settings.epochs != "auto" or settings.steps != "auto":
        return {}
    if tower.makes_all_passes(steps_in_pass):
        return {"epochs": tower.passes}
    return {"steps": max(tower.most_steps, steps_in_pass)}


def _or(value: int | str, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


def _decided(settings: TrainerSettings, chosen: dict[str, Any]) -> TrainerConfig:
    values = {**settings.model_dump(), **chosen}
    # What the other of the two decides: `steps` 0 is "as many as the epochs take".
    if values["steps"] == "auto":
        values["steps"] = 0
    if values["epochs"] == "auto":
        values["epochs"] = BY_TOWER[values["query"]].passes
    config = TrainerConfig.model_validate(values)
    _check(config)
    return config


def _shown(chosen: dict[str, Any], config: TrainerConfig) -> dict[str, Any]:
    """Returns what was chosen and takes effect."""
    without = [] if config.loss == "sampled_softmax" else ["negatives"]
    if config.precision == "float32" or config.loss == "in_batch":
        without.append("precision")
    if config.query != "history":
        without.append("linear_rank")
    if config.query != "sequence":
        without += ["transition_rank", "positions"]
    return {name: chosen[name] for name in _TOLD if name in chosen and name not in without}


def _check(config: TrainerConfig) -> None:
    """Refuses what only one of the towers cannot do."""
    heads = len(HEAD_RATES)
    if config.query == "sequence" and config.embedding_dim % heads:
        raise ConfigError(
            f"trainer.embedding_dim={config.embedding_dim}: with query=sequence a multiple of "
            f"{heads} is accepted"
        )


def _does_not_fit(memory: dict[str, int], sizes: Sizes, available: int | None) -> str:
    needed = sum(memory.values())
    most = max(memory, key=lambda name: memory[name])
    return (
        f"trainer: a training on {sizes} needs {needed / 2**30:.1f} GiB of memory, most of it for "
        f"{most}, and {(available or 0) / 2**30:.1f} GiB are free; free memory, raise the limit, "
        "or lower trainer.embedding_dim, trainer.batch_size or trainer.linear_rank"
    )
