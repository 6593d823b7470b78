import datetime

import numpy as np
import pyarrow as pa
import pytest

from components.example_gen.reading.timestamps import to_seconds

UTC = datetime.timezone.utc
NOON = datetime.datetime(2001, 1, 1, 12, tzinfo=UTC)
SECONDS = int(NOON.timestamp())


@pytest.mark.parametrize(
    "column",
    [
        pa.array([SECONDS]),
        pa.array([float(SECONDS)]),
        pa.array([SECONDS + 0.9]),
        pa.array([str(SECONDS)]),
        pa.array([f" {SECONDS}.0 "]),
        pa.array(["2001-01-01 12:00:00"]),
        pa.array(["2001-01-01T12:00:00Z"]),
        pa.array(["2001-01-01T13:00:00+01:00"]),
        pa.array([NOON], pa.timestamp("ns", "UTC")),
        pa.array([NOON.replace(tzinfo=None)], pa.timestamp("ms")),
    ],
    ids=lambda column: f"{column.type}: {column[0]}",
)
def test_to_seconds_reads_every_form(column):
    seconds, good = to_seconds(column)
    assert seconds.dtype == np.int64
    assert seconds.tolist() == [SECONDS]
    assert good.tolist() == [True]


def test_to_seconds_takes_a_date_as_its_midnight():
    for column in (pa.array(["2001-01-01"]), pa.array([NOON.date()])):
        assert to_seconds(column)[0].tolist() == [SECONDS - 12 * 3600]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["", "x", "2001-13-45", "12:00", "03/04/2001", "nan", None]),
        pa.array([None, float("nan"), float("inf"), 1e18]),
        pa.array([None], pa.timestamp("s")),
        pa.array([None], pa.int64()),
    ],
    ids=["text", "float", "timestamp", "int"],
)
def test_to_seconds_marks_what_is_no_time(column):
    assert not to_seconds(column)[1].any()


def test_to_seconds_keeps_times_before_1970():
    assert to_seconds(pa.array([-5]))[0].tolist() == [-5]
    assert to_seconds(pa.array(["1969-12-31T23:59:55"]))[0].tolist() == [-5]
