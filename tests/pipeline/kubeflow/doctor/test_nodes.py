"""What a step asks of a node, and what a node has."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.kubeflow.doctor.nodes import Need, Node, need_finding, quantity

GPU = {"key": "gpu", "value": "a100", "effect": "NoSchedule"}


def node(**more: object) -> Node:
    known: dict[str, object] = {
        "name": "n",
        "labels": {"pool": "gpu"},
        "usable": True,
        "taints": (),
        "room": {"cpu": Decimal(4), "memory": Decimal(8 * 10**9)},
        "images": frozenset(),
    }
    return Node(**{**known, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "value"),
    [("4", 4), ("3920m", Decimal("3.92")), ("1Gi", 2**30), ("2k", 2000), ("x", 0), (None, 0)],
)
def test_quantity(text: object, value: Decimal | int) -> None:
    assert quantity(text) == value


@pytest.mark.parametrize(
    ("toleration", "fits"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "gpu", "operator": "Exists"}, True),
        ({"key": "gpu", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "gpu", "operator": "Equal", "value": "a100"}, True),
        ({"key": "gpu", "value": "a100", "effect": "NoSchedule"}, True),
        ({"key": "gpu", "value": "h100"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_tolerations_are_those_of_kubernetes(toleration: dict[str, str], fits: bool) -> None:
    need = Need("Trainer", {}, (toleration,), {})
    assert (need_finding(need, [node(taints=(GPU,))]) is None) == fits


def test_one_node_must_have_all() -> None:
    need = Need("Trainer", {}, (), {"cpu": Decimal(4), "memory": Decimal(9 * 10**9)})
    small = node(room={"cpu": Decimal(8), "memory": Decimal(10**9)})
    found = need_finding(need, [node(), small])
    assert found is not None
    assert "no node of 2 has room for cpu 4, memory 9000000000" in found.text
    assert need_finding(need, [node(), node(room={**need.room})]) is None
