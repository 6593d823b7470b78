"""Warm start: a model begins with what another one learned, row by row of the same id.

What is new has no row to take over. A table's new row is the mean of its group: of the genres of
the movie, each of them the mean of its known movies; of all known rows where there is no group. A
movie's single value (bias, penalty) starts where a cold start would, moved by what the known
movies have moved on average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.trainer.inputs.catalogue import Catalogue
from components.trainer.inputs.feature_values import reorder
from components.trainer.inputs.transform_graph import TransformGraph
from components.trainer.inputs.vocabulary import places_in
from components.trainer.model.learned_weights import Learned
from components.trainer.model.multi_hot import multi_hot
from components.trainer.model.two_tower import MOVIE, USER, TwoTowerModel


@dataclass(frozen=True)
class CarriedOver:
    """How much was taken over.

    Attributes:
        movies: Movies of the vocabulary that the other model knew.
        new_movies: Movies that it did not.
        users: Users of the vocabulary that it knew; 0 where no table is by user.
    """

    movies: int
    new_movies: int
    users: int


def carry_over(
    model: TwoTowerModel, learned: Learned, graph: TransformGraph, catalogue: Catalogue
) -> CarriedOver | None:
    """Sets the model's weights from another's.

    Args:
        model: A new model, built.
        learned: What the other one learned.
        graph: Vocabularies of the new model.
        catalogue: Genres of the movies.

    Returns:
        What was taken over; None, the model unchanged, where the two are of different shapes or
        have no movie in common.
    """
    ids = model.learned_ids(graph)
    if not _fits(model, learned) or ids.keys() != learned.ids.keys():
        return None
    places = {name: places_in(learned.ids[name], values) for name, values in ids.items()}
    known = int((places[MOVIE] >= 0).sum())
    if not known:
        return None
    for variable, old in zip(model.trainable_variables, learned.weights, strict=True):
        name = _table_of(variable, model)
        if name is None:
            variable.assign(old)
            continue
        groups = np.zeros([len(ids[name]), 0], np.float32)
        if name == MOVIE:
            groups = genre_matrix(catalogue, ids[name])
        variable.assign(merge_rows(variable.numpy(), old, places[name], groups))
    users = places.get(USER, np.array([]))
    return CarriedOver(known, graph.movies - known, int((users >= 0).sum()))


def genre_matrix(catalogue: Catalogue, vocabulary: np.ndarray) -> np.ndarray:
    """Returns float32 [movies, genres], the rows in the vocabulary's order: 1 where it has it."""
    places = places_in(catalogue.movie_ids, vocabulary)
    genres = reorder(catalogue.feature("genres"), places)
    return multi_hot(genres.rows, genres.unknown + 1).numpy()[:, :-1]


def merge_rows(
    initial: np.ndarray, old: np.ndarray, places: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """Returns the rows of a table, or the values of a vector, for the new vocabulary.

    Args:
        initial: What a cold start begins with, float32 [n + 1, dim] or [n + 1], OOV last.
        old: What the other model learned, float32 [m + 1, dim] or [m + 1], OOV last.
        places: Rows of `old`, or -1; int64 [n].
        groups: 1 where a row belongs to a group; float32 [n, groups].
    """
    known = places >= 0
    merged = np.concatenate([old[places], old[-1:]])  # OOV is a row like others
    if not known.any():
        merged[:-1] = initial[:-1]
    elif old.ndim == 1:
        moved = np.mean(old[places[known]] - initial[:-1][known])
        merged[:-1][~known] = initial[:-1][~known] + moved
    else:
        merged[:-1][~known] = _group_means(old[places[known]], groups[known], groups[~known])
    return merged


def _group_means(rows: np.ndarray, groups: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Returns for each row of `asked` [q, groups] the mean of the means of its groups [q, dim]."""
    overall = rows.mean(axis=0)
    sizes = groups.sum(axis=0)
    means = np.where(sizes[:, None] > 0, groups.T @ rows / np.maximum(sizes, 1.0)[:, None], overall)
    counts = asked.sum(axis=1, keepdims=True)
    return np.where(counts > 0, asked @ means / np.maximum(counts, 1.0), overall)


def _fits(model: TwoTowerModel, learned: Learned) -> bool:
    """Says whether the variables are alike but for the number of rows of tables."""
    variables = model.trainable_variables
    return len(variables) == len(learned.weights) and all(
        variable.shape[first:] == old.shape[first:]
        for variable, old in zip(variables, learned.weights, strict=True)
        for first in [int(_table_of(variable, model) is not None)]
    )


def _table_of(variable: tf.Variable, model: TwoTowerModel) -> str | None:
    """Returns what the variable has a row for, as TwoTowerModel.tables; None where it is none."""
    for name, tables in model.tables().items():
        if any(variable is table for table in tables):
            return name
    return None
