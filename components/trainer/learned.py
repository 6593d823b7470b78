"""What a training learned, by id: written into the exported model, read by the next training.

Weights alone would not do, because vocabularies are ordered by frequency and so change with every
span: a row of a table means something only together with its id. The values lie in the SavedModel's
checkpoint and are read from there, without loading its graph.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

_VALUE = "{}/.ATTRIBUTES/VARIABLE_VALUE"
# Attributes of the index model; `weights` is a list.
_MOVIE_IDS, _USER_IDS, _SPLIT, _WEIGHTS = "learned_movies", "learned_users", "split", "weights"


@dataclass(frozen=True)
class Learned:
    """What a model learned.

    Attributes:
        weights: Values of the trainable variables, in the model's order.
        movie_ids: Movies of the vocabulary, bytes objects [movies].
        user_ids: Users of the vocabulary, bytes objects [users]; none where no table is by user.
        split: The split whose train part it learned from, as the settings write it.
    """

    weights: list[np.ndarray]
    movie_ids: np.ndarray
    user_ids: np.ndarray
    split: str


def keep_learned(
    module: tf.Module,
    weights: list[tf.Variable],
    movie_ids: np.ndarray,
    user_ids: np.ndarray,
    split: str,
) -> None:
    """Makes what was learned a part of the module that is saved.

    Args:
        module: The module; gets attributes that `read_learned` finds again.
        weights: The trainable variables.
        movie_ids: Movies of the vocabulary, bytes objects [movies].
        user_ids: Users of the vocabulary, bytes objects [users].
        split: The split, as the settings write it.
    """
    setattr(module, _WEIGHTS, weights)
    for name, value in ((_MOVIE_IDS, list(movie_ids)), (_USER_IDS, list(user_ids))):
        setattr(module, name, tf.Variable(tf.constant(value, tf.string), trainable=False))
    setattr(module, _SPLIT, tf.Variable(split, trainable=False))


def read_learned(path: str) -> Learned | None:
    """Reads what the model in the SavedModel `path` learned; None where it does not tell."""
    try:
        reader = tf.train.load_checkpoint(os.path.join(path, "variables", "variables"))
    except (tf.errors.OpError, ValueError):
        return None
    names = [_VALUE.format(name) for name in (_MOVIE_IDS, _USER_IDS, _SPLIT)]
    if not all(map(reader.has_tensor, names)):
        return None
    weights: list[np.ndarray] = []
    while reader.has_tensor(name := _VALUE.format(f"{_WEIGHTS}/{len(weights)}")):
        weights.append(reader.get_tensor(name))
    movie_ids, user_ids, split = map(reader.get_tensor, names)
    return Learned(weights, movie_ids, user_ids, split.decode())
