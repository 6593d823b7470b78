"""Files beside the graph that servers read: the movies as people see them, and warm-up requests."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from components.contracts.examples import GENRES, MOVIE_ID, USER_ID, YEAR
from components.contracts.saved_model import (
    CATALOGUE,
    EXAMPLES,
    MATRIX_INPUTS,
    WARM_UP_REQUESTS,
    WARM_UP_ROWS,
    signature_inputs,
)
from components.trainer.inputs.catalogue import Catalogue

# Of a user without an id.
_FEATURE = tf.train.Feature(bytes_list=tf.train.BytesList(value=[b""]))
_EXAMPLE = tf.train.Example(
    features=tf.train.Features(feature={USER_ID: _FEATURE})
).SerializeToString(deterministic=True)


def write_served_files(model: str, catalogue: Catalogue, user_features: Sequence[str]) -> None:
    """Writes both files into the SavedModel's folder `model`.

    Args:
        model: The folder.
        catalogue: The movies that the model recommends.
        user_features: The user features of its signature `recommend_from_profile`, if it has it.
    """
    tf.io.gfile.makedirs(os.path.dirname(os.path.join(model, CATALOGUE)))
    with tf.io.gfile.GFile(os.path.join(model, CATALOGUE), "w") as file:
        for line in _catalogue_lines(catalogue):
            file.write(f"{line}\n")
    with tf.io.TFRecordWriter(os.path.join(model, WARM_UP_REQUESTS)) as writer:
        for request in warm_up_requests(signature_inputs(user_features)):
            writer.write(request.SerializeToString(deterministic=True))


def _catalogue_lines(catalogue: Catalogue) -> Iterator[str]:
    """Yields for each movie a JSON object with `movie_id`, `genres` and `year` (null: unknown)."""
    rows = zip(catalogue.movie_ids, catalogue.values[GENRES], catalogue.values[YEAR], strict=True)
    for movie_id, genres, years in rows:
        movie = {
            MOVIE_ID: movie_id.decode("utf-8", "replace"),
            GENRES: [genre.decode("utf-8", "replace") for genre in genres],
            YEAR: int(years[0]) if years else None,
        }
        yield json.dumps(movie, ensure_ascii=False)


def warm_up_requests(
    signatures: Mapping[str, Sequence[str]],
) -> Iterator[prediction_log_pb2.PredictionLog]:
    """Yields requests for every signature, which TensorFlow Serving replays when it loads a model.

    They ask about ids that no vocabulary has: that runs every operation.

    Args:
        signatures: Names of the inputs by signature.
    """
    for signature, inputs in signatures.items():
        for rows in WARM_UP_ROWS:
            log = prediction_log_pb2.PredictionLog()
            request = log.predict_log.request
            request.model_spec.signature_name = signature
            for name in inputs:
                value = _EXAMPLE if name == EXAMPLES else b""
                shape = [rows, 1] if (signature, name) in MATRIX_INPUTS else [rows]
                request.inputs[name].CopyFrom(
                    tf.make_tensor_proto([value] * rows, tf.string, shape)
                )
            yield log
