from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tensorflow as tf

from components.trainer.planning import device
from components.trainer.planning.device import Device, find_device


@pytest.mark.parametrize(
    ("flags", "fast"),
    [
        ("fpu avx2 avx512f avx512_bf16", True),
        ("fpu amx_bf16 amx_tile", True),
        ("fpu avx2 avx512f avx512_bf16x", False),
        ("fpu", False),
    ],
)
def test_processor_is_known_by_its_flags(
    flags: str, fast: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(f"processor\t: 0\nvmx flags\t: amx_bf16\nflags\t\t: {flags}\n")
    monkeypatch.setattr(device, "_CPUINFO", path)
    assert find_device() == Device(is_gpu=False, has_bfloat16=fast)


def test_processor_that_says_nothing_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_CPUINFO", tmp_path / "missing")
    assert find_device() == Device()


@pytest.mark.parametrize(
    ("details", "fast"),
    [
        ({"compute_capability": (8, 0)}, True),
        ({"compute_capability": (9, 0)}, True),
        ({"compute_capability": (7, 5)}, False),
        ({}, False),
    ],
)
def test_gpu_is_known_by_its_compute_capability(
    details: dict[str, Any], fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [SimpleNamespace()])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    assert find_device() == Device(is_gpu=True, has_bfloat16=fast)
