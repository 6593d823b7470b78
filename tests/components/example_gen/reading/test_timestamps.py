import datetime

import numpy as np
import pyarrow as pa
import pytest

from components.example_gen.reading.timestamps import END, to_seconds

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
        pa.array([None, float("nan"), float("inf"), 1e20]),
        pa.array([None], pa.timestamp("s")),
        pa.array([None], pa.int64()),
    ],
    ids=["text", "float", "timestamp", "int"],
)
def test_to_seconds_marks_what_is_no_time(column):
    assert not to_seconds(column)[1].any()


@pytest.mark.parametrize("unit", [10**3, 10**6, 10**9])
@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.string()])
def test_to_seconds_knows_smaller_units_by_their_size(unit, kind):
    # From March 1973 on, milliseconds are above 1e11, where seconds would be the year 5138.
    times = [SECONDS, 100_000_000, END - 1]
    column = pa.array([time * unit for time in times]).cast(kind, safe=False)
    assert to_seconds(column)[0].tolist() == times
    assert to_seconds(column)[1].all()


def test_to_seconds_reads_nanoseconds_beside_missing_ones():
    seconds, good = to_seconds(pa.array([SECONDS * 10**9, None]))
    assert (seconds.tolist(), good.tolist()) == ([SECONDS, 0], [True, False])


def test_to_seconds_takes_each_row_by_its_own_size():
    column = pa.array([SECONDS, SECONDS * 1000 + 999])
    assert to_seconds(column)[0].tolist() == [SECONDS, SECONDS]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([-5, END]),
        pa.array([-5.0, float(END)]),
        pa.array(["-5", str(END), "1969-12-31T23:59:55", "2100-01-01", "99999999999999999999"]),
        pa.array([datetime.datetime(1969, 12, 31)], pa.timestamp("s")),
    ],
    ids=["int", "float", "text", "timestamp"],
)
def test_to_seconds_refuses_times_before_1970_and_from_2100_on(column):
    seconds, good = to_seconds(column)
    assert not good.any()
    assert not seconds.any()
