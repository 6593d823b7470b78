"""Vocabularies of several features, held against those that TFT makes one by one."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils

from components.transform.vocabularies import CountValues, in_order, vocabularies, write

NAMES = ("user_id", "movie_id", "gender", "city")


def _rows() -> list[dict[str, list[str]]]:
    """Users with many equally frequent movies, some that are no line; nobody has a city."""
    draw = random.Random(7)
    odd = ["", "two\nlines", "carriage\rreturn", "é", " ", "a b"]
    movies = [f"m{number}" for number in range(40)] + odd
    return [
        {
            "user_id": [f"u{user}"],
            "movie_id": draw.choices(movies, k=draw.randrange(12)),
            "gender": draw.choices(["F", "M"], k=user % 2),
            "city": [],
        }
        for user in range(300)
    ]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> tft.TFTransformOutput:
    """Analyses the rows with our vocabularies and, under other names, with TFT's."""

    def preprocessing_fn(inputs: dict[str, tf.SparseTensor]) -> dict[str, tf.SparseTensor]:
        ours = vocabularies({name: inputs[name].values for name in NAMES})
        return {
            name: tft.apply_vocabulary(inputs[name], ours[name], num_oov_buckets=1)
            for name in NAMES
        } | {
            f"{name}_by_tft": tft.compute_and_apply_vocabulary(
                inputs[name], vocab_filename=f"{name}_by_tft", num_oov_buckets=1
            )
            for name in NAMES
        }

    folder = tmp_path_factory.mktemp("vocabularies")
    spec = {name: tf.io.VarLenFeature(tf.string) for name in NAMES}
    metadata = dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(spec))
    with tft_beam.Context(temp_dir=str(folder / "tmp"), desired_batch_size=64):
        transform_fn = (_rows(), metadata) | tft_beam.AnalyzeDataset(preprocessing_fn)
        transform_fn | tft_beam.WriteTransformFn(str(folder / "graph"))
    return tft.TFTransformOutput(str(folder / "graph"))


@pytest.mark.parametrize("name", NAMES)
def test_vocabularies_are_those_of_tft(graph: tft.TFTransformOutput, name: str) -> None:
    assert graph.vocabulary_by_name(name) == graph.vocabulary_by_name(f"{name}_by_tft")
    assert graph.vocabulary_size_by_name(name) == graph.vocabulary_size_by_name(f"{name}_by_tft")


def test_values_that_are_no_line_are_left_out(graph: tft.TFTransformOutput) -> None:
    lines = {f"m{number}".encode() for number in range(40)} | {"é".encode(), b" ", b"a b"}
    assert set(graph.vocabulary_by_name("movie_id")) == lines


def test_the_rows_have_equally_frequent_values() -> None:
    counts = [sum(row["movie_id"].count(f"m{n}") for row in _rows()) for n in range(40)]
    assert len(set(counts)) < len(counts)


def test_order_is_by_frequency_then_descending() -> None:
    assert in_order({b"a": 2, b"b": 1, b"c": 2}) == [b"c", b"a", b"b"]


def test_counts_of_workers_add_up() -> None:
    combiner = CountValues(2)

    def counted(first: list[bytes], second: list[bytes]) -> list[dict[bytes, int]]:
        batch = []
        for values in (first, second):
            batch += [np.array(values, dtype=object), np.ones(len(values), np.int64)]
        return combiner.add_input(combiner.create_accumulator(), tuple(batch))

    total = combiner.merge_accumulators([counted([b"x", b"y"], []), counted([b"x"], [b"x"])])
    assert combiner.extract_output(total) == [{b"x": 2, b"y": 1}, {b"x": 1}]


def test_each_path_is_tagged_with_its_feature(tmp_path: Path) -> None:
    folder = tmp_path / "not yet there"
    outputs = list(write([{b"x": 1}, {b"y": 1}], str(folder), ["one", "two"]))
    assert [output.tag for output in outputs] == ["one", "two"]
    assert [Path(str(output.value)).read_bytes() for output in outputs] == [b"x\n", b"y\n"]
