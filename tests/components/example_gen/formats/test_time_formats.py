import pytest

from components.errors import DataError
from components.example_gen.formats.time_formats import detect


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["978300760", "978302109"], ""),
        (["978300760000"], ""),
        (["2001-01-31", "2001-01-31T10:00:00Z"], ""),
        (["19980402", "19981231"], "%Y%m%d"),
        (["19980402.0"], "%Y%m%d"),
        (["1998", "2003"], "%Y"),
        (["31/12/2001 10:30", "01/02/2002 00:00"], "%d/%m/%Y %H:%M"),
        (["12/31/2001", "01/02/2002"], "%m/%d/%Y"),
        (["31.12.2001"], "%d.%m.%Y"),
        (["02 28, 2014", "12 1, 2013"], "%m %d, %Y"),
        (["Jan 3, 2011"], "%b %d, %Y"),
        (["Wed Sep 16 22:04:26 +0000 2020"], "%a %b %d %H:%M:%S %z %Y"),
        ([], ""),
    ],
)
def test_detect(values, expected):
    assert detect(values, "f", "date") == expected


def test_detect_refuses_days_and_months_that_cannot_be_told_apart():
    with pytest.raises(DataError, match=r"'01/02/2003'.*%d/%m/%Y or %m/%d/%Y; name one: --set"):
        detect(["01/02/2003", "03/04/2003"], "f", "date")


def test_detect_refuses_what_is_no_time():
    with pytest.raises(DataError, match=r"f: times such as 'yesterday' in column 'date'"):
        detect(["yesterday", "today"], "f", "date")
