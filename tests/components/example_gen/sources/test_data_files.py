import subprocess
import sys
from pathlib import Path

import pytest

from components.errors import DataError
from components.example_gen.config import DataConfig
from components.example_gen.sources import data_files

CSV = "userId,movieId,rating,timestamp\n1,2,3.5,4\n"
FILES = {
    "u.data": "1\t2\t3\t4\n",
    "u.item": "1|A (1999)|||" + "|0" * 19 + "\n",
    "ratings.dat": "1::2::3::4\n",
    "movies.dat": "2::A (1999)::Drama\n",
    "users.dat": "1::F::1::10::48067\n",
    "ratings.csv": CSV,
    "movies.csv": "movieId,title,genres\n2,A,Drama\n",
    "users.csv": "user,gender\n1,F\n",
}
NOISE = ("README.txt", "tags.csv", "links.csv", "u.info", "genome-scores.csv")


def make(root: Path, *names: str) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        (root / name).write_text(FILES.get(name, "noise"))
    return root


@pytest.mark.parametrize(
    ("names", "layout"),
    [
        (("u.data", "u.item"), "ml-100k"),
        (("ratings.dat", "movies.dat", "users.dat"), "ml-1m"),
        (("ratings.dat", "movies.dat"), "ml-10m"),
        (("ratings.csv", "movies.csv"), "ml-csv"),
        (("ratings.csv",), "csv"),
        (("ratings.csv", "movies.csv", "users.csv"), "csv"),
    ],
)
def test_check_data_detects_layout_among_other_files(tmp_path, names, layout):
    root = make(tmp_path, *names, *NOISE)

    data = data_files.check_data(str(root), DataConfig())

    assert data.layout == layout
    assert {Path(path).name for path in data.paths} == set(names)


def test_check_data_detects_parquet(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"user": [1], "item": [2], "score": [3.0], "time": [4]})
    pq.write_table(table, tmp_path / "ratings.parquet")
    assert data_files.check_data(str(tmp_path), DataConfig()).layout == "parquet"


def test_check_data_plain_csv_with_other_column_names_is_not_movielens(tmp_path):
    make(tmp_path, "movies.csv")
    (tmp_path / "ratings.csv").write_text("time,user,item,rating\n4,1,2,3\n")
    assert data_files.check_data(str(tmp_path), DataConfig()).layout == "csv"


def test_check_data_reads_the_layout_that_is_named(tmp_path):
    make(tmp_path, "u.data", "u.item", "ratings.dat", "movies.dat")
    assert data_files.check_data(str(tmp_path), DataConfig(layout="ml-10m")).layout == "ml-10m"


@pytest.mark.parametrize(
    ("names", "wanted", "message"),
    [
        ((), "auto", "no file with users and items .it holds nothing.*accepted: u.data"),
        (NOISE, "auto", "no file with users and items .it holds README.txt, .*accepted: u.data"),
        (
            ("movies.dat",),
            "auto",
            "movies.dat: no column for users and one for items in no header, 3 columns",
        ),
        (("u.data", "u.item", "ratings.csv"), "auto", "several layouts.*data.layout"),
        (("u.data",), "auto", "u.item missing for layout ml-100k"),
        (("ratings.dat",), "auto", "movies.dat missing for layout ml-10m"),
        (("ratings.dat", "movies.dat"), "ml-1m", "users.dat missing for layout ml-1m"),
        (("ratings.csv",), "ml-csv", "movies.csv missing for layout ml-csv"),
        (("ratings.csv",), "parquet", "ratings.parquet missing for layout parquet"),
    ],
)
def test_check_data_refuses(tmp_path, names, wanted, message):
    root = make(tmp_path / "d", *names)
    with pytest.raises(DataError, match=message) as error:
        data_files.check_data(str(root), DataConfig(layout=wanted))
    assert "\n" not in str(error.value)


def test_check_data_refuses_a_missing_folder_and_a_file(tmp_path):
    with pytest.raises(DataError, match="does not exist; a folder is needed"):
        data_files.check_data(str(tmp_path / "none"), DataConfig())
    with pytest.raises(DataError, match="is a file; a folder is needed"):
        data_files.check_data(str(make(tmp_path, "u.data") / "u.data"), DataConfig())


def test_check_data_names_the_folders_below(tmp_path):
    make(tmp_path / "ml-1m", "ratings.dat")
    make(tmp_path, "README.txt")
    with pytest.raises(DataError, match=r"it holds README\.txt, ml-1m"):
        data_files.check_data(str(tmp_path), DataConfig())


@pytest.mark.parametrize("name", ["ratings.dat", "movies.dat", "users.dat"])
def test_check_data_refuses_an_empty_file(tmp_path, name):
    make(tmp_path, "ratings.dat", "movies.dat", "users.dat")
    (tmp_path / name).write_text("")
    with pytest.raises(DataError, match=f"{name}: the file is empty"):
        data_files.check_data(str(tmp_path), DataConfig())


def test_check_data_passes_over_a_file_of_movies_without_ids(tmp_path):
    make(tmp_path, "ratings.csv")
    (tmp_path / "movies.csv").write_text("pages,title\n7,A\n")
    data = data_files.check_data(str(tmp_path), DataConfig())
    assert data.movies == ()
    assert [(Path(i.path).name, i.why) for i in data.ignored] == [("movies.csv", "other columns")]
    with pytest.raises(
        DataError, match=r"movies\.csv: no column for items and one for titles in pages, title"
    ):
        data_files.check_data(str(tmp_path), DataConfig(movies="movies.csv"))


def test_check_data_works_in_a_folder_with_glob_characters(tmp_path):
    root = make(tmp_path / "[a]*", "ratings.csv")
    assert data_files.check_data(str(root), DataConfig()).layout == "csv"


def test_find_files_orders_spans_by_number_and_adds_shared_files(tmp_path):
    for span in ("span-9", "span-10"):
        make(tmp_path / span, "ratings.dat")
    make(tmp_path, "movies.dat", "ratings.csv")

    paths = data_files.locate(str(tmp_path), ["span-*/*"]).paths

    names = [str(Path(path).relative_to(tmp_path)) for path in paths]
    assert names == ["span-9/ratings.dat", "span-10/ratings.dat", "movies.dat"]


def test_find_files_prefers_the_files_of_the_span(tmp_path):
    make(tmp_path / "span-1", "ratings.dat", "movies.dat")
    make(tmp_path, "movies.dat")
    data = data_files.locate(str(tmp_path), ["span-1/*"])
    assert [file.path for file in data.movies] == [str(tmp_path / "span-1/movies.dat")]


def test_module_imports_nothing_heavy():
    code = (
        "import sys; import components.example_gen.sources.data_files; "
        "print([m for m in ('tfx', 'apache_beam', 'tensorflow', 'pandas', 'pyarrow', 'numpy') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
