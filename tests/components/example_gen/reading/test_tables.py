import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.errors import DataError
from components.example_gen.layouts.known import COLUMN_NAMES
from components.example_gen.reading import tables


def test_delimited_rows_yields_the_number_of_a_broken_line(tmp_path):
    path = tmp_path / "users.dat"
    path.write_text("1::F\r\n\r\nrubbish\r\n2::M\r\n")
    rows = list(tables.delimited_rows(str(path), "::", ("user", "gender")))
    assert rows == [(1, {"user": "1", "gender": "F"}), (3, {}), (4, {"user": "2", "gender": "M"})]


def test_csv_rows_handles_quotes_and_commas(tmp_path):
    path = tmp_path / "movies.csv"
    path.write_text(
        'movieId,title,genres\n11,"Kite, The ""Red"" (1999)",Drama|War\n12,Short\n\n13,B,Drama\n'
    )
    assert list(tables.csv_rows(str(path), COLUMN_NAMES)) == [
        (2, {"movie": "11", "title": 'Kite, The "Red" (1999)', "genres": "Drama|War"}),
        (3, {}),
        (5, {"movie": "13", "title": "B", "genres": "Drama"}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_rows_finds_the_delimiter(tmp_path, delimiter):
    path = tmp_path / "movies.csv"
    path.write_text(f"id{delimiter}name\n1{delimiter}A\n")
    assert list(tables.csv_rows(str(path), COLUMN_NAMES)) == [(2, {"id": "1", "title": "A"})]


def test_parquet_rows_joins_lists_and_writes_whole_floats_without_fraction(tmp_path):
    path = tmp_path / "movies.parquet"
    table = pa.table(
        {"item_id": [1.0, 2.0], "genres": [["Drama", "War"], None], "year": [1999.0, None]}
    )
    pq.write_table(table, path)
    assert list(tables.parquet_rows(str(path), COLUMN_NAMES)) == [
        (1, {"movie": "1", "genres": "Drama|War", "year": "1999"}),
        (2, {"movie": "2", "genres": "", "year": ""}),
    ]


def test_parquet_rows_refuses_another_kind_of_file(tmp_path):
    path = tmp_path / "movies.parquet"
    path.write_text("id,title\n")
    with pytest.raises(DataError, match=r"movies.parquet: no readable Parquet file"):
        list(tables.parquet_rows(str(path), COLUMN_NAMES))


def test_table_rows_takes_id_for_the_key(tmp_path):
    path = tmp_path / "users.csv"
    path.write_text("id,gender\n7,F\n")
    assert list(tables.table_rows(str(path), "user", COLUMN_NAMES)) == [
        (2, {"id": "7", "gender": "F", "user": "7"})
    ]


def test_table_rows_refuses_an_empty_file(tmp_path):
    path = tmp_path / "movies.csv"
    path.write_text("\n")
    with pytest.raises(DataError, match=r"movies\.csv: the file is empty"):
        list(tables.table_rows(str(path), "movie", COLUMN_NAMES))
