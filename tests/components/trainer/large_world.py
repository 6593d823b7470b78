"""A trained model of a catalogue that is larger than a list, and exports of it by index.

600 movies in 12 blocks, 240 users who have seen 15 of the 50 movies of one block.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from components.trainer.config import TrainerConfig
from components.trainer.export.index_model import IndexModel
from components.trainer.export.saved_model import export
from components.trainer.fitting.fit import fit
from components.trainer.inputs.training_inputs import TrainingInputs, read_training_inputs
from components.trainer.model.two_tower import TwoTowerModel
from tests.components.trainer.synthetic import World, write_world

BLOCKS, BLOCK_MOVIES, USERS, SEEN, HELD_OUT = 12, 50, 240, 15, 3
MOVIES = BLOCKS * BLOCK_MOVIES
EXACT = {"index": "exact"}
# It looks into no more than what a full list takes.
BAD = {"index": "partitioned", "index_partitions": 60, "index_probes": 1}
GOOD = {"index": "partitioned", "index_partitions": 60, "index_recall": 0.99}


@dataclass(frozen=True)
class Trained:
    """A world, and a model of it."""

    world: World
    inputs: TrainingInputs
    model: TwoTowerModel

    def export(self, path: Path, **settings: object) -> IndexModel:
        """Exports the model with these settings of the index."""
        config = TrainerConfig.model_validate(settings)
        index = IndexModel(self.model, self.inputs, "", config)
        export(index, str(path))
        return index


def train(folder: Path) -> Trained:
    rng = np.random.default_rng(0)
    seen, held_out = {}, {}
    for user in range(USERS):
        order = rng.permutation(BLOCK_MOVIES)[: SEEN + HELD_OUT]
        movies = [f"m{user % BLOCKS:02}-{number}" for number in order]
        seen[f"u{user}"], held_out[f"u{user}"] = movies[:SEEN], movies[SEEN:]
    titles = {
        f"m{block:02}-{number}": f"Movie {block} {number} (1999)"
        for block in range(BLOCKS)
        for number in range(BLOCK_MOVIES)
    }
    world = write_world(folder, seen, held_out, titles)
    inputs = read_training_inputs(world.example_files, world.movie_files, world.transform_graph)
    config = TrainerConfig(
        embedding_dim=16,
        linear_rank=16,
        epochs=8,
        batch_size=64,
        validation_users=0.0,
        learning_rate=0.03,
    )
    return Trained(world, inputs, fit(inputs, config).model)
