"""Writes the index model as a SavedModel."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.export.index_model import IndexModel
from components.trainer.export.signatures import trace_signatures


def export(index: IndexModel, path: str) -> None:
    """Saves `index` under `path`, which appears complete or not at all.

    Args:
        index: What to save.
        path: Folder of the SavedModel; replaced if it exists.
    """
    aside = f"{path.rstrip('/')}.writing"
    if tf.io.gfile.exists(aside):
        tf.io.gfile.rmtree(aside)
    tf.saved_model.save(index, aside, signatures=trace_signatures(index))
    if tf.io.gfile.exists(path):
        tf.io.gfile.rmtree(path)
    tf.io.gfile.rename(aside, path)
