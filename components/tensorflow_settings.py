"""What TensorFlow reads from the environment when it is imported."""

from __future__ import annotations

import os

_LEGACY_KERAS, _ONEDNN, _LOG_LEVEL = (
    "TF_USE_LEGACY_KERAS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_CPP_MIN_LOG_LEVEL",
)


def prepare_tensorflow(log_level: int | None = None) -> None:
    """Sets the variables for a process that will import TensorFlow; what is set already stays.

    TFRS needs tf-keras. The kernels of oneDNN are TensorFlow's default only on processors with
    AVX512; on others too they make a step of training shorter (docs/quality.md).

    Args:
        log_level: Least severity of messages: 0 all, 1 warnings, 2 errors, 3 none; None leaves it.
    """
    os.environ.setdefault(_LEGACY_KERAS, "1")
    os.environ.setdefault(_ONEDNN, "1")
    if log_level is not None:
        os.environ.setdefault(_LOG_LEVEL, str(log_level))
