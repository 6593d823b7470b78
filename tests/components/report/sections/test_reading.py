from components.report.page.blocks import Details, Note
from components.report.sections import reading

INSPECTION = {
    "positives": "all rows",
    "files": [
        {
            "files": ["a.csv", "b.csv", "c.csv"],
            "bytes": 3_000_000,
            "role": "ratings",
            "written": "separated by comma",
            "packed": "gzip",
            "columns": {"user": {"column": "uid", "why": "the name 'uid' fits"}},
        }
    ],
    "ignored": [{"file": "tags.csv", "why": "other columns"}],
    "first_rows": [{"user": "1", "movie": "2", "rating": 3.0, "time": "2001-01-01T00:00:00+00:00"}],
}


def test_how_read_shows_files_columns_and_rows():
    note, details = reading.how_read({"inspection": INSPECTION})
    assert isinstance(note, Note)
    assert note.text == "Positives: all rows."
    assert isinstance(details, Details)
    files, columns, rows = details.blocks
    assert files.rows[0][0] == "a.csv and 2 more"
    assert files.rows[0][3] == "separated by comma, gzip"
    assert files.rows[1][:2] == ("tags.csv", "not read")
    assert columns.rows == (("ratings: user", "uid", "the name 'uid' fits"),)
    assert rows.rows == (("1", "2", "3.0", "2001-01-01T00:00:00+00:00"),)


def test_how_read_of_older_data_and_of_no_rows_is_nothing():
    assert reading.how_read({}) == []
    assert reading.first_rows({**INSPECTION, "first_rows": []}) == []
