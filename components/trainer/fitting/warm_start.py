"""Warm start: a model begins with the weights of another one, row by row of the same id.

New ids have no row to take over. A movie's new row of a table is the mean over its genres, each the
mean of the genre's known movies; a row without a genre is the mean of all known rows. A movie's
single value (bias, penalty) is that of a cold start plus the mean change of the known movies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.contracts.examples import GENRES, MOVIE_ID, USER_ID
from components.trainer.inputs.catalogue import Catalogue
from components.trainer.inputs.feature_values import reorder
from components.trainer.inputs.transform_graph import TransformGraph
from components.trainer.inputs.vocabulary import positions_in
from components.trainer.model.learned_weights import LearnedWeights
from components.trainer.model.ragged import multi_hot
from components.trainer.model.two_tower import TwoTowerModel


@dataclass(frozen=True)
class WarmStartSummary:
    """What a warm start took over, as in history.json.

    Attributes:
        movies: Movies of the vocabulary that the other model has too.
        new_movies: Movies that it does not have.
        users: Users of the vocabulary that it has too; 0 where no table is by user.
    """

    movies: int
    new_movies: int
    users: int


def apply_warm_start(
    model: TwoTowerModel, previous: LearnedWeights, graph: TransformGraph, catalogue: Catalogue
) -> WarmStartSummary | None:
    """Sets a model's weights from those of another one.

    Args:
        model: A new model; its dense layers are built here.
        previous: Weights of the other model.
        graph: Vocabularies of the new model.
        catalogue: The movies, for their genres.

    Returns:
        What was taken over; None, the weights unchanged, where the two models have different shapes
        or no movie in common.
    """
    one_user = {"user_index": tf.constant([0]), "history": tf.ragged.constant([[0]])}
    model.scores(one_user)  # dense layers have their weights from the first call on
    ids = model.learned_ids(graph)
    if not _fits(model, previous) or ids.keys() != previous.ids.keys():
        return None
    old_rows = {name: positions_in(previous.ids[name], values) for name, values in ids.items()}
    known = int((old_rows[MOVIE_ID] >= 0).sum())
    if not known:
        return None
    for variable, old in zip(model.trainable_variables, previous.weights, strict=True):
        name = _table_of(variable, model)
        if name is None:
            variable.assign(old)
            continue
        groups = np.zeros([len(ids[name]), 0], np.float32)
        if name == MOVIE_ID:
            groups = genre_matrix(catalogue, ids[name])
        variable.assign(merge_rows(variable.numpy(), old, old_rows[name], groups))
    users = old_rows.get(USER_ID, np.array([]))
    return WarmStartSummary(known, graph.movies - known, int((users >= 0).sum()))


def genre_matrix(catalogue: Catalogue, vocabulary: np.ndarray) -> np.ndarray:
    """Returns float32 [movies, genres] in the vocabulary's order: 1 where a movie has the genre."""
    rows = positions_in(catalogue.movie_ids, vocabulary)
    genres = reorder(catalogue.feature(GENRES), rows)
    return multi_hot(genres.rows, genres.unknown + 1).numpy()[:, :-1]


def merge_rows(
    initial: np.ndarray, old: np.ndarray, old_rows: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """Returns the rows of a table, or the values of a vector, for the new vocabulary.

    Args:
        initial: Values of a cold start, float32 [n + 1, dim] or [n + 1], OOV last.
        old: Values of the other model, float32 [m + 1, dim] or [m + 1], OOV last.
        old_rows: The row of `old` of each new row, -1 for none; int64 [n].
        groups: 1 where a row belongs to a group; float32 [n, groups].
    """
    known = old_rows >= 0
    merged = np.concatenate([old[old_rows], old[-1:]])  # OOV is a row like others
    if not known.any():
        merged[:-1] = initial[:-1]
    elif old.ndim == 1:
        change = np.mean(old[old_rows[known]] - initial[:-1][known])
        merged[:-1][~known] = initial[:-1][~known] + change
    else:
        merged[:-1][~known] = _group_means(old[old_rows[known]], groups[known], groups[~known])
    return merged


def _group_means(rows: np.ndarray, groups: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Returns for each row of `new` [q, groups] the mean of its groups' means, [q, dim]."""
    overall = rows.mean(axis=0)
    sizes = groups.sum(axis=0)
    means = np.where(sizes[:, None] > 0, groups.T @ rows / np.maximum(sizes, 1.0)[:, None], overall)
    counts = new.sum(axis=1, keepdims=True)
    return np.where(counts > 0, new @ means / np.maximum(counts, 1.0), overall)


def _fits(model: TwoTowerModel, previous: LearnedWeights) -> bool:
    """Says whether the variables have equal shapes, except for the number of rows of tables."""
    variables = model.trainable_variables
    return len(variables) == len(previous.weights) and all(
        variable.shape[first:] == old.shape[first:]
        for variable, old in zip(variables, previous.weights, strict=True)
        for first in [int(_table_of(variable, model) is not None)]
    )


def _table_of(variable: tf.Variable, model: TwoTowerModel) -> str | None:
    """Returns the variable's name in TwoTowerModel.tables; None where it is no table."""
    for name, tables in model.tables().items():
        if any(variable is table for table in tables):
            return name
    return None
