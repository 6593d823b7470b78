"""Fixtures of the Trainer's tests: worlds and what is read from them, made once."""

from __future__ import annotations

import pytest

from components.trainer.inputs.training_inputs import Source, read_source
from tests.components.trainer.synthetic import World, planted_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return planted_world(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="session")
def source(world: World) -> Source:
    return read_source(world.example_files, world.movie_files, world.transform_graph, 1 << 30)
