import itertools

import numpy as np
import pytest
import tensorflow as tf

from components.example_gen.users import wire

NUMBERS = [0, 1, 127, 128, 300, 16383, 16384, 978_300_760, 2**62]


def parse(encoded):
    example = tf.train.Example.FromString(encoded)
    return example.features.feature


@pytest.mark.parametrize("number", NUMBERS)
def test_varint_is_what_protobuf_reads(number):
    feature = tf.train.Feature.FromString(wire.int_feature(wire.varint(number)))
    assert list(feature.int64_list.value) == [number]


def test_varints_encodes_many_at_once():
    numbers = [*NUMBERS, -1, -(2**63)]
    encoded, ends = wire.varints(np.array(numbers))
    feature = tf.train.Feature.FromString(wire.int_feature(encoded))
    assert list(feature.int64_list.value) == numbers
    assert [encoded[a:b] for a, b in itertools.pairwise(ends)][: len(NUMBERS)] == [
        wire.varint(number) for number in NUMBERS
    ]


def test_varints_of_nothing():
    assert wire.varints(np.array([], np.int64)) == (b"", [0])


def test_example_is_what_protobuf_writes():
    values = {
        "text": tf.train.Feature(bytes_list=tf.train.BytesList(value=["é".encode(), b"x" * 300])),
        "ints": tf.train.Feature(int64_list=tf.train.Int64List(value=[5, 600])),
        "floats": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5, -3.0])),
        "none": tf.train.Feature(bytes_list=tf.train.BytesList()),
    }
    message = tf.train.Example(features=tf.train.Features(feature=values))
    encoded = wire.example(
        {
            "text": wire.text_feature("é", "x" * 300),
            "ints": wire.int_feature(wire.varint(5) + wire.varint(600)),
            "floats": wire.float_feature(np.array([0.5, -3.0])),
            "none": wire.bytes_feature([]),
        }
    )
    assert tf.train.Example.FromString(encoded) == message
    assert parse(encoded)["none"].WhichOneof("kind") == "bytes_list"


def test_example_does_not_depend_on_the_order_of_features():
    a, b = wire.text_feature("1"), wire.text_feature("2")
    assert wire.example({"a": a, "b": b}) == wire.example({"b": b, "a": a})
