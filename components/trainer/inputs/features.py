"""The features of movies and users that the settings ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.errors import DataError
from components.trainer.config import TrainerConfig
from components.trainer.inputs.feature_values import FeatureValues, reorder
from components.trainer.inputs.training_inputs import Source
from components.trainer.inputs.transform_graph import TransformGraph
from components.trainer.inputs.vocabulary import places_in

_BLOCK_USERS = 1024


@dataclass(frozen=True)
class Features:
    """What the towers know beside ids and histories.

    Attributes:
        movies: Features of the movies of the vocabulary, OOV last.
        users: Features of the users of the vocabulary, OOV last.
    """

    movies: Sequence[FeatureValues] = ()
    users: Sequence[FeatureValues] = ()


NO_FEATURES = Features()


def read_features(source: Source, config: TrainerConfig) -> Features:
    """Reads the features that the settings name, in an order of its own.

    Raises:
        DataError: The data have no value of one of them.
    """
    places = places_in(source.catalogue.movie_ids, source.graph.movie_ids())
    places = np.append(places, -1)  # OOV
    of_movies, of_users = (
        sorted(set(names)) for names in (config.movie_features, config.user_features)
    )
    movies = [reorder(source.catalogue.feature(name), places) for name in of_movies]
    users = read_user_features(source.example_files, source.graph, of_users)
    for setting, found in (("movie_features", movies), ("user_features", users)):
        for feature in found:
            if not feature.is_known:
                raise DataError(f"trainer.{setting}: the data have no {feature.name}")
    return Features(movies, users)


def read_user_features(
    files: Sequence[str], graph: TransformGraph, names: Sequence[str]
) -> list[FeatureValues]:
    """Reads features of users from their Examples.

    Args:
        files: Gzip TFRecords of user Examples.
        graph: Transform graph.
        names: Names of the features.

    Returns:
        The features, a row for each user of the vocabulary, OOV last.
    """
    if not names:
        return []
    vocabularies = {name: graph.vocabulary(name) for name in names}
    indices = {
        name: np.full(graph.users + 1, len(vocabulary), np.int32)
        for name, vocabulary in vocabularies.items()
    }
    known = [name for name, vocabulary in vocabularies.items() if len(vocabulary)]
    dataset = tf.data.TFRecordDataset(list(files), compression_type="GZIP").batch(_BLOCK_USERS)
    for users, features in dataset.map(lambda block: graph.user_features(block, known)):
        for name in known:
            indices[name][users.numpy()] = features[name].numpy()
    return [
        FeatureValues(
            name,
            vocabularies[name],
            tf.RaggedTensor.from_row_lengths(indices[name], np.ones(graph.users + 1, np.int64)),
        )
        for name in names
    ]
