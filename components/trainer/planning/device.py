"""What computes the steps of a training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from components.trainer.planning.memory import lines_of

# GPUs multiply bfloat16 faster than float32 from Nvidia's Ampere on.
_AMPERE = (8, 0)
# Flags of processors that multiply bfloat16; oneDNN, and so TensorFlow, uses them.
_FLAGS = {"avx512_bf16", "amx_bf16"}
_CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Device:
    """A processor or GPU.

    Attributes:
        is_gpu: Whether it is a GPU.
        has_bfloat16: Whether it multiplies bfloat16 faster than float32.
    """

    is_gpu: bool = False
    has_bfloat16: bool = False


CPU = Device()


def find_device() -> Device:
    """Returns the device that TensorFlow uses here: the first GPU, or the processor."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return Device(has_bfloat16=bool(_FLAGS & _processor_flags(_CPUINFO)))
    details = tf.config.experimental.get_device_details(gpus[0])
    return Device(True, details.get("compute_capability", (0, 0)) >= _AMPERE)


def _processor_flags(path: Path) -> set[str]:
    """Returns the flags of the first processor; none where the file has no such line."""
    return next((set(line.split()) for line in lines_of(path) if line.startswith("flags")), set())
