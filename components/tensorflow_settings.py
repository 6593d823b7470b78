"""What TensorFlow reads from the environment when it is imported."""

from __future__ import annotations

import os


def prepare_tensorflow(log_level: int | None = None) -> None:
    """Sets the variables for a process that will import TensorFlow; what is set already stays.

    TFRS refuses Keras 3, so `tf.keras` must be tf-keras. The kernels of oneDNN are TensorFlow's
    default only on processors with AVX512; on others too they make a step of training shorter
    (docs/quality.md).

    Args:
        log_level: Least severity of messages: 0 all, 1 warnings, 2 errors, 3 none; None leaves it.
    """
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    if log_level is not None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", str(log_level))
