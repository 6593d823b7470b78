from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline import nodes
from pipeline.config.settings import PipelineConfig
from pipeline.local.run.plan import code_stamps

COMPONENTS = Path(nodes.__file__).parents[1] / "components"


def test_ids_are_unique_and_fit_for_argo() -> None:
    assert len(nodes.BY_ID) == len(nodes.NODES)
    assert all(re.fullmatch("[A-Za-z0-9]+", node.id) for node in nodes.NODES)


@pytest.mark.parametrize("node", [node for node in nodes.NODES if node.package])
def test_package_of_a_node_is_there(node: nodes.Node) -> None:
    assert (COMPONENTS / node.package / "component.py").exists() or node == nodes.TRANSFORM


@pytest.mark.parametrize("node", nodes.NODES)
def test_sections_of_a_node_are_sections_of_the_settings(node: nodes.Node) -> None:
    assert node.sections <= set(PipelineConfig.model_fields)


def test_every_component_with_code_is_a_node() -> None:
    packages = {path.parent.name for path in COMPONENTS.glob("*/component.py")}
    assert packages <= {node.package for node in nodes.NODES}


def test_code_stamps_tell_nodes_with_code_of_ours_from_others() -> None:
    stamps = code_stamps()
    assert stamps.keys() == nodes.BY_ID.keys()
    assert stamps["StatisticsGen"] == stamps["SchemaGen"]  # the libraries alone
    assert stamps["Trainer"] not in (stamps["Tuner"], stamps["StatisticsGen"])
