from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from components.example_gen.reading.columns import to_ids, to_numbers


@pytest.mark.parametrize(
    ("column", "ids"),
    [
        (pa.array([1, 2]), ["1", "2"]),
        (pa.array([1.0, None]), ["1", ""]),
        (pa.array([1.5, 2.25]), ["1.5", "2.25"]),
        (pa.array(["a ", None]), ["a", ""]),
        (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (pa.array([b"a", b"\xe9"]), ["a", "é"]),
        (pa.array(["a"], pa.large_string()), ["a"]),
        (pa.array(["1.0", "007", "1.0.0", "1.50"]), ["1", "007", "1.0.0", "1.50"]),
        (pa.array([1.0, 1.5]), ["1", "1.5"]),
        (pa.array([Decimal("1.00"), Decimal("2.00")]), ["1", "2"]),
        (pa.array([float("nan"), 3.0]), ["", "3"]),
    ],
    ids=[
        *("int", "float with gaps", "fraction", "text", "dictionary", "bytes", "large"),
        *("text of floats", "floats of both kinds", "decimal", "not a number"),
    ],
)
def test_to_ids_writes_ids_as_text(column, ids):
    assert to_ids(column).to_pylist() == ids


def test_to_numbers_takes_numbers_and_text():
    np.testing.assert_array_equal(to_numbers(pa.chunked_array([[1, None], [2]])), [1, np.nan, 2])
    assert to_numbers(pa.array(["-1.5e0", ".5", "1."])).tolist() == [-1.5, 0.5, 1.0]
    assert np.isnan(to_numbers(pa.array(["1,5", "0x1", "1 2", ""]))).all()


def test_to_numbers_reads_a_decimal_comma_and_words_for_yes_and_no():
    assert to_numbers(pa.array(["3,5", "4"]), ",").tolist() == [3.5, 4.0]
    assert to_numbers(pa.array(["true", "False", "like", "no", "1"])).tolist() == [1, 0, 1, 0, 1]
    assert to_numbers(pa.array([True, False])).tolist() == [1, 0]
