"""Nodes that could run the steps: labels, taints, room and accelerators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pipeline.kubeflow.doctor.finding import Finding, ok, problem
from pipeline.kubeflow.served.compiled import Compiled

_HARD = ("NoSchedule", "NoExecute")


@dataclass(frozen=True)
class Node:
    """A node.

    Attributes:
        name: Its name.
        labels: Its labels.
        usable: Whether it is ready and takes pods.
        taints: Those that keep pods away.
        room: What pods can have in all, by resource: cores, bytes, pieces.
        images: Names of the images that it holds.
    """

    name: str
    labels: Mapping[str, str]
    usable: bool
    taints: tuple[Mapping[str, str], ...]
    room: Mapping[str, Decimal]
    images: frozenset[str]


@dataclass(frozen=True)
class Need:
    """What a step asks of its node."""

    step: str
    labels: Mapping[str, str]
    tolerations: tuple[Mapping[str, str], ...]
    room: Mapping[str, Decimal]


def read_nodes(answer: Mapping[str, Any]) -> list[Node]:
    """Returns the nodes of an answer of the API."""
    return [_read_node(item) for item in answer.get("items") or []]


def _read_node(item: Mapping[str, Any]) -> Node:
    spec, status = item.get("spec") or {}, item.get("status") or {}
    ready = any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in status.get("conditions") or []
    )
    return Node(
        item["metadata"]["name"],
        item["metadata"].get("labels") or {},
        ready and not spec.get("unschedulable"),
        tuple(taint for taint in spec.get("taints") or [] if taint.get("effect") in _HARD),
        {name: quantity(text) for name, text in (status.get("allocatable") or {}).items()},
        frozenset(name for image in status.get("images") or [] for name in image["names"] or []),
    )


def quantity(text: Any) -> Decimal:
    """Returns the number that one of Kubernetes' quantities stands for; 0 for what is none."""
    from kubernetes.utils import parse_quantity

    try:
        return parse_quantity(text)
    except (ValueError, InvalidOperation, TypeError):
        return Decimal(0)


def needs(compiled: Compiled) -> list[Need]:
    """Returns what the steps ask of their nodes."""
    found = []
    for step, container in compiled.steps.items():
        asked = container.get("resources") or {}
        platform = compiled.kubernetes(step)
        room = {
            "cpu": Decimal(str(asked.get("cpuRequest") or 0)),
            "memory": Decimal(str(asked.get("memoryRequest") or 0)) * 10**9,
        }
        if accelerator := asked.get("accelerator"):
            room[accelerator["type"]] = Decimal(accelerator.get("count") or 1)
        labels = (platform.get("nodeSelector") or {}).get("labels") or {}
        found.append(Need(step, labels, tuple(platform.get("tolerations") or ()), room))
    return found


def look_at_nodes(nodes: list[Node], compiled: Compiled) -> Iterator[Finding]:
    """Yields what is wrong for a step, or that each step has a node that could run it."""
    usable = [node for node in nodes if node.usable]
    if not usable:
        yield problem(f"no node of {len(nodes)} is ready and takes pods", "kubectl get nodes")
        return
    asked = needs(compiled)
    wrong = [finding for need in asked if (finding := need_finding(need, usable))]
    yield from wrong
    if not wrong:
        yield ok(f"nodes: each of {len(asked)} steps has one of {len(usable)} that could run it")


def need_finding(need: Need, nodes: list[Node]) -> Finding | None:
    """Returns why none of the nodes that are ready could run a step; None where one could."""
    also = "a pool that is scaled to zero shows no node"
    labelled = [node for node in nodes if need.labels.items() <= node.labels.items()]
    if not labelled:
        wanted = ", ".join(f"{key}={value}" for key, value in sorted(need.labels.items()))
        return problem(
            f"step {need.step}: no node has the labels {wanted}",
            f"label a pool, or change kubeflow.steps.{need.step}.node_selector; {also}",
        )
    open_nodes = [node for node in labelled if all(_tolerates(need, t) for t in node.taints)]
    if not open_nodes:
        taint = labelled[0].taints[0]
        return problem(
            f"step {need.step}: its {len(labelled)} nodes have taints, as "
            f"{taint.get('key')}:{taint.get('effect')}",
            "take the taint away, or let the step tolerate it",
        )
    if not any(_fits(need, node) for node in open_nodes):
        wanted = ", ".join(f"{name} {amount:f}" for name, amount in need.room.items() if amount)
        return problem(
            f"step {need.step}: no node of {len(open_nodes)} has room for {wanted}",
            f"larger nodes, or less in kubeflow.steps.{need.step}; {also}",
        )
    return None


def _tolerates(need: Need, taint: Mapping[str, str]) -> bool:
    return any(
        one.get("effect") in (None, "", taint.get("effect"))
        and (
            one.get("key") in (None, "", taint.get("key"))
            if one.get("operator") == "Exists"
            else (one.get("key"), one.get("value") or "") == (taint["key"], taint.get("value", ""))
        )
        for one in need.tolerations
    )


def _fits(need: Need, node: Node) -> bool:
    return all(amount <= node.room.get(name, Decimal(0)) for name, amount in need.room.items())
