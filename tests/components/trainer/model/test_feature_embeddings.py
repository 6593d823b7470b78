from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.inputs.feature_values import index_values
from components.trainer.model.feature_embeddings import FeatureEmbeddings

GENRES = index_values("genres", [(b"War", b"Drama"), (), (b"Drama",)])
YEAR = index_values("year", [(b"1957",), (b"1979",), ()])
TABLES = {
    "genres": np.array([[1.0, 0.0], [3.0, 8.0], [0.5, 0.5]], np.float32),  # Drama, War, unknown
    "year": np.array([[10.0, 0.0], [0.0, 20.0], [7.0, 7.0]], np.float32),
}
# War and Drama are (2, 4) on average.
ROWS = [[12.0, 4.0], [0.5, 20.5], [8.0, 7.0]]


def make_layer(**settings: float) -> FeatureEmbeddings:
    layer = FeatureEmbeddings([GENRES, YEAR], 2, **settings)
    for name, table in TABLES.items():
        layer.tables[name].assign(table)
    return layer


def test_a_row_is_the_sum_of_the_means_of_its_values() -> None:
    layer = make_layer()
    np.testing.assert_allclose(layer.all_rows(), ROWS)
    np.testing.assert_allclose(layer(tf.constant([2, 0])), [ROWS[2], ROWS[0]])
    np.testing.assert_allclose(layer.embed([GENRES, YEAR]), ROWS)


def test_tables_start_at_zero_and_are_trained() -> None:
    layer = FeatureEmbeddings([GENRES, YEAR], 2)
    assert not layer.all_rows().numpy().any()
    assert len(layer.trainable_weights) == 2


def test_indices_that_are_not_given_are_unknown() -> None:
    layer = make_layer()
    given = layer.embed_indices({"genres": tf.constant([1, 2])}, tf.constant(2))
    np.testing.assert_allclose(given, [[3 + 7, 8 + 7], [0.5 + 7, 0.5 + 7]])
    np.testing.assert_allclose(layer.embed_indices({}, tf.constant(1)), [[7.5, 7.5]])


def test_dropout_hides_each_feature_by_itself_and_only_in_training() -> None:
    layer = make_layer(dropout=0.5)
    positions = tf.zeros([512], tf.int32)
    np.testing.assert_allclose(layer(positions), [ROWS[0]] * 512)
    actual = {tuple(row) for row in layer(positions, training=True).numpy().tolist()}
    # Neither hidden, the genres, the year, both.
    assert actual == {(12.0, 4.0), (10.5, 0.5), (9.0, 11.0), (7.5, 7.5)}
