"""The transform graph: vocabularies of train, one index for all that is unknown.

Weights, which some users have here, do not go through it.
"""

from __future__ import annotations

import pytest
import tensorflow as tf
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils

from components.transform.preprocessing import preprocessing_fn

SPEC = {
    "user_id": tf.io.FixedLenFeature([1], tf.string),
    "movie_id": tf.io.VarLenFeature(tf.string),
    "gender": tf.io.VarLenFeature(tf.string),
    "weight": tf.io.VarLenFeature(tf.float32),
}
# Movie c is watched three times, b twice, a once; nobody's gender is known but u1's.
TRAIN = [
    {"user_id": ["u1"], "movie_id": ["c", "b", "a"], "gender": ["F"], "weight": [1, 5, 3]},
    {"user_id": ["u2"], "movie_id": ["b", "c"]},
    {"user_id": ["u3"], "movie_id": ["c"]},
]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> tft.TFTransformOutput:
    folder = tmp_path_factory.mktemp("transform")
    metadata = dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(SPEC))
    rows = [{name: row.get(name, []) for name in SPEC} for row in TRAIN]
    with tft_beam.Context(temp_dir=str(folder / "tmp")):
        transform_fn = (rows, metadata) | tft_beam.AnalyzeDataset(preprocessing_fn)
        transform_fn | tft_beam.WriteTransformFn(str(folder / "graph"))
    return tft.TFTransformOutput(str(folder / "graph"))


def _sparse(*values: str) -> tf.SparseTensor:
    return tf.sparse.from_dense(tf.constant([list(values)]))


def test_vocabulary_is_in_order_of_frequency(graph: tft.TFTransformOutput) -> None:
    assert graph.vocabulary_by_name("movie_id") == [b"c", b"b", b"a"]
    assert sorted(graph.vocabulary_by_name("user_id")) == [b"u1", b"u2", b"u3"]
    assert graph.vocabulary_by_name("gender") == [b"F"]


def test_unknown_values_get_the_last_index(graph: tft.TFTransformOutput) -> None:
    outputs = graph.transform_features_layer()(
        {
            "user_id": tf.constant([["nobody"]]),
            "movie_id": _sparse("a", "never seen", "c"),
            "gender": _sparse("X"),
        }
    )
    # Three users and three movies are known: index 3 is what lies outside; one gender: index 1.
    assert outputs["user_index"].numpy().tolist() == [[3]]
    assert outputs["movie_index"].values.numpy().tolist() == [2, 3, 0]
    assert outputs["gender_index"].values.numpy().tolist() == [1]


def test_ids_can_be_looked_up_without_the_other_features(graph: tft.TFTransformOutput) -> None:
    outputs = graph.transform_features_layer()({"user_id": tf.constant([["nobody"]])})
    assert outputs["user_index"].numpy().tolist() == [[3]]
