"""What a training learned, by id: written into the exported model, read by the next training.

Weights alone would not do, because vocabularies are ordered by frequency and so change with every
span: a row of a table means something only together with its id. The values lie in the SavedModel's
checkpoint and are read from there, without loading its graph.
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
class Learned:
    """What a model learned.

    Attributes:
        weights: Values of the trainable variables, in the model's order.
        ids: Whose rows the tables have, bytes objects [n] each, as TwoTowerModel.learned_ids.
        split: The split whose train part it learned from, as the settings write it.
    """

    weights: list[np.ndarray]
    ids: dict[str, np.ndarray]
    split: str


def keep_learned(
    module: tf.Module,
    weights: list[tf.Variable],
    ids: Mapping[str, np.ndarray],
    split: str,
) -> None:
    """Makes what was learned a part of the module that is saved.

    Args:
        module: The module; gets attributes that `read_learned` finds again.
        weights: The trainable variables.
        ids: Whose rows the tables have, bytes objects [n] each.
        split: The split, as the settings write it.
    """
    setattr(module, _WEIGHTS, weights)
    variables = {
        name: tf.Variable(tf.constant(list(values), tf.string), trainable=False)
        for name, values in ids.items()
    }
    setattr(module, _IDS, variables)
    setattr(module, _SPLIT, tf.Variable(split, trainable=False))


def read_learned(path: str) -> Learned | None:
    """Reads what the model in the SavedModel `path` learned; None where it does not tell."""
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
    return Learned(weights, ids, reader.get_tensor(split).decode())
