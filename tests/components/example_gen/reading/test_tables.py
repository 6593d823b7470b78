import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.errors import DataError
from components.example_gen.formats.raw_table import read_raw
from components.example_gen.formats.table_format import TableFile, as_movies, as_users
from components.example_gen.layouts.layout import FileKind
from components.example_gen.reading import tables


def listed(path, table_format):
    return [(row.number, row.values) for row in tables.rows(TableFile(str(path), table_format))]


def movie_rows(path):
    return listed(path, as_movies(read_raw(str(path)), {}))


def test_rows_yield_the_number_of_a_broken_line(tmp_path):
    path = tmp_path / "users.dat"
    path.write_text("1::F\r\n\r\nrubbish\r\n2::M\r\n")
    kind = FileKind("users.dat", "::", ("user", "gender"))
    table_format = kind.table_format(("user", "gender"))
    assert listed(path, table_format) == [
        (1, {"user": "1", "gender": "F"}),
        (3, {}),
        (4, {"user": "2", "gender": "M"}),
    ]
    lines = [row.line for row in tables.rows(TableFile(str(path), table_format))]
    assert lines == ["", "rubbish", ""]


def test_rows_and_ids_of_the_start_of_a_file(tmp_path):
    path = tmp_path / "movies.csv"
    path.write_text("id,title\n1.0,A\n2,B\n,C\n")
    found = TableFile(str(path), as_movies(read_raw(str(path)), {}))
    assert [row.values["title"] for row in tables.rows(found, 16)] == ["A"]
    assert tables.ids(found, "movie") == ["1", "2", ""]


def test_rows_handle_quotes_commas_and_line_ends(tmp_path):
    path = tmp_path / "movies.csv"
    path.write_text(
        'movieId,title,genres\n11,"Kite, The ""Red"" (1999)",Drama|War\n12,Short\n\n'
        '13,"Two\nlines",Drama\n14,"Open,Drama\n15,B,War\n'
    )
    assert movie_rows(path) == [
        (2, {"movie": "11", "title": 'Kite, The "Red" (1999)', "genres": "Drama|War"}),
        (3, {}),
        (5, {"movie": "13", "title": "Two\nlines", "genres": "Drama"}),
        (7, {}),
        (8, {"movie": "15", "title": "B", "genres": "War"}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_take_a_column_called_id(tmp_path, delimiter):
    path = tmp_path / "movies.csv"
    path.write_text(f"id{delimiter}name\n1{delimiter}A\n")
    assert movie_rows(path) == [(2, {"movie": "1", "title": "A"})]
    path.write_text(f"id{delimiter}gender\n7{delimiter}F\n")
    found = as_users(read_raw(str(path)), {})
    assert listed(path, found) == [(2, {"user": "7", "gender": "F"})]


def test_parquet_rows_join_lists_and_write_whole_floats_without_fraction(tmp_path):
    path = tmp_path / "movies.parquet"
    table = pa.table(
        {"item_id": [1.0, 2.0], "genres": [["Drama", "War"], None], "year": [1999.0, None]}
    )
    pq.write_table(table, path)
    assert movie_rows(path) == [
        (1, {"movie": "1", "genres": "Drama|War", "year": "1999"}),
        (2, {"movie": "2", "genres": "", "year": ""}),
    ]


def test_rows_of_json_lines(tmp_path):
    path = tmp_path / "movies.json"
    path.write_text('{"id": 1, "title": "A\\nB", "genres": ["Drama", "War"]}\n{"id": 2}\n')
    assert movie_rows(path) == [
        (1, {"movie": "1", "title": "A\nB", "genres": '["Drama", "War"]'}),
        (2, {"movie": "2", "title": "", "genres": ""}),
    ]


def test_another_kind_of_file_is_refused(tmp_path):
    path = tmp_path / "movies.parquet"
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(DataError, match=r"movies.parquet: no readable Parquet file"):
        movie_rows(path)


def test_blank_start_keeps_the_numbers_of_lines():
    assert tables.blank_start(b"a\nb\nc\n", 2) == b"\n\nc\n"
    assert tables.blank_start(b"a\nb\nc\n", 0) == b"a\nb\nc\n"
    assert tables.blank_start(b"a", 1) == b""
