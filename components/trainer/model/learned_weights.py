"""Trained weights and the ids of their rows: in the exported model, for the next training.

Vocabularies are ordered by frequency and change with every span, so a row of a table means nothing
without its id. The values are in the SavedModel's checkpoint and are read without its graph.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

_VALUE = "{}/.ATTRIBUTES/VARIABLE_VALUE"
# Attributes of the index model; the first is a dict, `weights` a list.
_IDS, _SPLIT, _WEIGHTS = "learned_ids", "split", "weights"


@dataclass(frozen=True)
class LearnedWeights:
    """The trained weights of a model.

    Attributes:
        weights: Values of the trainable variables, in the model's order.
        ids: Ids of the tables' rows, bytes objects [n] each, as TwoTowerModel.learned_ids.
        split: The split whose train part it was trained on, as JSON of the settings.
    """

    weights: list[np.ndarray]
    ids: dict[str, np.ndarray]
    split: str


def attach_learned_weights(
    module: tf.Module,
    weights: list[tf.Variable],
    ids: Mapping[str, np.ndarray],
    split: str,
) -> None:
    """Adds the weights to the module that is saved.

    Args:
        module: The module; gets the attributes that `read_learned_weights` reads.
        weights: The trainable variables.
        ids: Ids of the tables' rows, bytes objects [n] each.
        split: The split, as JSON of the settings.
    """
    setattr(module, _WEIGHTS, weights)
    variables = {
        name: tf.Variable(tf.constant(list(values), tf.string), trainable=False)
        for name, values in ids.items()
    }
    setattr(module, _IDS, variables)
    setattr(module, _SPLIT, tf.Variable(split, trainable=False))


def read_learned_weights(path: str) -> LearnedWeights | None:
    """Reads the weights from the SavedModel `path`; None where it has none of ours."""
    try:
        reader = tf.train.load_checkpoint(os.path.join(path, "variables", "variables"))
    except (tf.errors.OpError, ValueError):
        return None
    keys = reader.get_variable_to_shape_map()
    split = _VALUE.format(_SPLIT)
    start, end = _VALUE.format(f"{_IDS}/|").split("|")
    names = [key[len(start) : -len(end)] for key in keys if key.startswith(start)]
    if split not in keys or not names:
        return None
    weights: list[np.ndarray] = []
    while (name := _VALUE.format(f"{_WEIGHTS}/{len(weights)}")) in keys:
        weights.append(reader.get_tensor(name))
    ids = {name: reader.get_tensor(f"{start}{name}{end}") for name in names}
    return LearnedWeights(weights, ids, reader.get_tensor(split).decode())
