import pytest

from components.errors import DataError
from components.example_gen.layouts.known import BY_NAME, COLUMN_NAMES, MOVIELENS_1M
from components.example_gen.reading import formats


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("userId", "user"),
        ("user_id", "user"),
        (" User ", "user"),
        ("item_id", "movie"),
        ("movieId", "movie"),
        ("Rating", "rating"),
        ("datetime", "timestamp"),
        ("genre", "genres"),
        ("colour", "colour"),
    ],
)
def test_canonical_knows_common_names(name, meaning):
    assert formats.canonical(name, COLUMN_NAMES) == meaning


def test_canonical_columns_keeps_the_first_of_two_with_one_meaning():
    assert formats.canonical_columns(["user", "userId"]) == ("user", "userId#1")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_read_csv_format_finds_the_delimiter(tmp_path, delimiter):
    path = tmp_path / "ratings.csv"
    path.write_text(
        delimiter.join(["ts", "stars", "note", "item_id", "uid"])
        + "\n"
        + delimiter.join(["7", "3", "x", "20", "1"])
    )

    row_format = formats.read_csv_format(str(path))

    assert row_format.columns == ("timestamp", "rating", "note", "movie", "user")
    assert (row_format.delimiter, row_format.header, row_format.quoted) == (delimiter, True, True)


def test_read_csv_format_accepts_a_byte_order_mark(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("userId,movieId,rating,timestamp\n1,2,3,4\n", encoding="utf-8-sig")
    assert formats.read_csv_format(str(path)).columns == formats.RATING_COLUMNS


@pytest.mark.parametrize(
    ("layout", "content", "message"),
    [
        ("csv", "", "the file is empty"),
        ("csv", "\n \n", "the file is empty"),
        ("csv", "user,item,rating,time\n", "no rows below the header"),
        ("csv", "1,2,3,978300760\n1,3,4,978300761\n", "line 1: no column for user, movie, rating"),
        ("csv", "user,item,rating\n1,2,3\n", "line 1: no column for timestamp.*accepted"),
        ("ml-1m", "1,2,3,4\n", "'1,2,3,4' is no row of layout ml-1m; accepted: user::movie"),
        ("ml-100k", "1::2::3::4\n", "no row of layout ml-100k; accepted: user<TAB>movie"),
    ],
)
def test_rating_format_refuses(tmp_path, layout, content, message):
    path = tmp_path / "ratings"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        BY_NAME[layout].rating_format(str(path))


def test_check_rows_forgives_a_broken_first_row(tmp_path):
    # It is counted like any other broken row, not taken for another layout.
    path = tmp_path / "ratings.dat"
    path.write_text("oops\n1::2::3::4\n")
    assert formats.check_rows(MOVIELENS_1M, "ml-1m", str(path)) == MOVIELENS_1M
