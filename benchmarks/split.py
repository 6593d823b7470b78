"""The one split that all contenders get: what the pipeline's own ExampleGen made, as arrays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

_ARRAYS = (
    "user_ids",
    "movie_ids",
    "train_user",
    "train_movie",
    "eval_user",
    "eval_movie",
)


@dataclass(frozen=True)
class Split:
    """Interactions by place: users in sorted order, movies in the order of the catalogue.

    Each user's interactions are in time order.

    Attributes:
        user_ids: bytes [users].
        movie_ids: bytes [movies], all candidates.
        train_user: int32 [train].
        train_movie: int32 [train].
        eval_user: int32 [eval].
        eval_movie: int32 [eval].
    """

    user_ids: np.ndarray
    movie_ids: np.ndarray
    train_user: np.ndarray
    train_movie: np.ndarray
    eval_user: np.ndarray
    eval_movie: np.ndarray

    @property
    def users(self) -> int:
        """Number of users."""
        return len(self.user_ids)

    @property
    def movies(self) -> int:
        """Number of candidates."""
        return len(self.movie_ids)

    @cached_property
    def asked(self) -> np.ndarray:
        """Users who have held-out movies, int32 [asked]."""
        return np.unique(self.eval_user)

    @cached_property
    def matrix(self) -> sparse.csr_matrix:
        """The train interactions as ones, float32 [users, movies]."""
        ones = np.ones(len(self.train_user), dtype=np.float32)
        shape = (self.users, self.movies)
        return sparse.csr_matrix((ones, (self.train_user, self.train_movie)), shape=shape)

    def save(self, path: Path) -> None:
        """Writes the arrays."""
        np.savez(path, **{name: getattr(self, name) for name in _ARRAYS})

    @classmethod
    def load(cls, path: Path) -> Split:
        """Reads what `save` wrote."""
        with np.load(path) as arrays:
            return cls(**{name: arrays[name] for name in _ARRAYS})


@dataclass(frozen=True)
class World:
    """A folder with the split, and the artifacts behind it.

    Attributes:
        folder: The folder; what is measured writes below it.
        facts: Content of world.json: `name`, `data`, and the folders of `examples`, `movies` and
            `transform_graph`.
    """

    folder: Path
    facts: dict[str, Any]

    @classmethod
    def open(cls, folder: Path) -> World:
        """Opens what `benchmarks.prepare` made."""
        return cls(folder, json.loads((folder / "world.json").read_text(encoding="utf-8")))

    @classmethod
    def prepare(
        cls, folder: Path, data_root: Path | None, assignments: Sequence[str] = ()
    ) -> World:
        """Makes the world, of a generated sample without `data_root`, and opens it.

        Args:
            folder: Where it goes.
            data_root: The data.
            assignments: Settings of ExampleGen, `section.key=value`.
        """
        from benchmarks.processes import run

        options = ["--data-root", str(data_root)] if data_root else []
        options += [part for text in assignments for part in ("--set", text)]
        run("prepare", "--work", str(folder), *options, log=folder / "log.txt")
        return cls.open(folder)

    @cached_property
    def split(self) -> Split:
        """The split."""
        return Split.load(self.folder / "split.npz")

    def training_inputs(self) -> Any:
        """Reads the inputs of a training, all in memory."""
        from components.trainer.inputs.training_inputs import read_training_inputs

        return read_training_inputs(
            self.files("examples", "train"),
            self.files("movies", "movies"),
            self.facts["transform_graph"],
        )

    def files(self, artifact: str, split: str) -> list[str]:
        """Returns the TFRecord files of a split of an artifact, sorted."""
        folder = Path(self.facts[artifact]) / f"Split-{split}"
        return sorted(str(path) for path in folder.glob("*.gz"))
