"""The features of movies and users that the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.contracts.example_readers import BATCH, records
from components.errors import DataError
from components.trainer.config import TrainerConfig
from components.trainer.inputs.feature_values import FeatureValues, reorder
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.inputs.transform_graph import TransformGraph
from components.trainer.inputs.vocabulary import positions_in


@dataclass(frozen=True)
class Features:
    """The inputs of the towers beside ids and histories.

    Attributes:
        movies: Features of the movies of the vocabulary, OOV last.
        users: Features of the users of the vocabulary, OOV last.
    """

    movies: Sequence[FeatureValues] = ()
    users: Sequence[FeatureValues] = ()


NO_FEATURES = Features()


def read_features(inputs: TrainingInputs, config: TrainerConfig) -> Features:
    """Reads the features that the settings name, in alphabetical order.

    Raises:
        DataError: The data have no value of one of them.
    """
    catalogue_rows = positions_in(inputs.catalogue.movie_ids, inputs.graph.movie_ids())
    catalogue_rows = np.append(catalogue_rows, -1)  # OOV
    of_movies, of_users = (
        sorted(set(names)) for names in (config.movie_features, config.user_features)
    )
    movies = [reorder(inputs.catalogue.feature(name), catalogue_rows) for name in of_movies]
    users = read_user_features(inputs.example_files, inputs.graph, of_users)
    for setting, features in (("movie_features", movies), ("user_features", users)):
        for feature in features:
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
    dataset = records(files).batch(BATCH)
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
