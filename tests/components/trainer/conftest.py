"""Fixtures of the Trainer's tests: worlds and what is read from them, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

# Imported where they are used: most tests of this folder need no Beam.
if TYPE_CHECKING:
    from components.trainer.inputs.training_inputs import TrainingInputs
    from tests.components.trainer.synthetic import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    from tests.components.trainer.synthetic import planted_world

    return planted_world(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="session")
def training_inputs(world: World) -> TrainingInputs:
    from components.trainer.inputs.training_inputs import read_training_inputs

    return read_training_inputs(world.example_files, world.movie_files, world.transform_graph)


@pytest.fixture(scope="session")
def bought_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    from tests.components.trainer.synthetic import weighted_world

    return weighted_world(tmp_path_factory.mktemp("weighted"))
