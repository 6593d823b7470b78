"""The tastes that were planted, as a model: what there is to be learned of generated data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks.contenders import Fitted
from benchmarks.scoring import rank
from benchmarks.split import Split, World
from pipeline.sample_data.generate import SPEC_FILE, SampleSpec, planted_tastes


def fit(world: World) -> Fitted:
    """Ranks the movies for each user by their probabilities under the user's tastes."""
    data = world.folder / "data"
    spec = json.loads((data / SPEC_FILE).read_text(encoding="utf-8"))
    del spec["generator"]
    tastes = planted_tastes(SampleSpec(**spec))
    users, movies = indices_in(data, world.split)
    return Fitted(
        lambda: rank(lambda asked: tastes.probabilities(users[asked])[:, movies], world.split), 0.0
    )


def indices_in(data: Path, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Returns the indices that the split's users and movies have in the generated data.

    Args:
        data: Folder of the data, whose movies.dat lists the movies in the order of their indices.
        split: The split.

    Returns:
        int64 [users], int64 [movies].
    """
    lines = (data / "movies.dat").read_bytes().splitlines()
    index_of = {line.partition(b"::")[0]: index for index, line in enumerate(lines)}
    movies = np.array([index_of[movie] for movie in split.movie_ids.tolist()])
    return split.user_ids.astype(np.int64) - 1, movies
