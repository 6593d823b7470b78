"""Fixtures of the Trainer's tests: worlds and what is read from them, made once."""

from __future__ import annotations

import pytest

from components.trainer.inputs.training_inputs import TrainingInputs, read_training_inputs
from tests.components.trainer.synthetic import World, planted_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return planted_world(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="session")
def training_inputs(world: World) -> TrainingInputs:
    return read_training_inputs(
        world.example_files, world.movie_files, world.transform_graph, 1 << 30
    )
