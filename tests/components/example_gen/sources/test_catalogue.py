import pytest

from components.errors import DataError
from components.example_gen import drop_reasons
from components.example_gen.formats.column_roles import MOVIE_ROLES, USER_ROLES
from components.example_gen.formats.raw_table import read_raw
from components.example_gen.formats.table_format import TableFile, as_movies, as_users
from components.example_gen.layouts.known import BY_NAME
from components.example_gen.sources.catalogue import (
    Movie,
    User,
    read_movies,
    read_users,
    year_in,
    year_of,
)
from components.example_gen.sources.data_set import DataFiles
from components.example_gen.summary import RowLocation


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Toy Kite (1995)", 1995),
        ("Kite (1984 remake) (1995)", 1995),
        ("Kite 1984 (1995) (V)", 1995),
        ("Series (2006–2007)", 2006),
        ("Series (2006-)", 2006),
        ("Kite 1984", None),
        ("unknown", None),
    ],
)
def test_year_of_a_title(title, year):
    assert year_of(title) == year


def movies_file(layout, path):
    if layout == "csv":
        return TableFile(str(path), as_movies(read_raw(str(path)), {}))
    return TableFile(str(path), BY_NAME[layout].movies.table_format(MOVIE_ROLES))


def users_file(layout, path):
    if layout == "csv":
        return TableFile(str(path), as_users(read_raw(str(path)), {}))
    return TableFile(str(path), BY_NAME[layout].users.table_format(USER_ROLES))


def read(tmp_path, layout, content, encoding="utf-8"):
    path = tmp_path / "movies"
    path = path.with_suffix(".csv") if layout.endswith("csv") else path
    path.write_bytes(content.encode(encoding))
    return read_movies(DataFiles(layout, (), (movies_file(layout, path),)))


def test_read_movies_of_ml_100k_from_its_flags(tmp_path):
    # Flags 5 and 8 (from 0: unknown, Action, Adventure, Animation, Children's, Comedy, …, Drama).
    flags = "|".join("1" if flag in (5, 8) else "0" for flag in range(19))
    unknown = "|".join(["1"] + ["0"] * 18)
    content = f"1|Café (1995)|01-Jan-1995||http://x|{flags}\n267|unknown||||{unknown}\n"
    movies, _ = read(tmp_path, "ml-100k", content, "iso-8859-1")
    assert movies == [
        Movie("1", "Café (1995)", ("Comedy", "Drama"), 1995),
        Movie("267", "unknown", (), None),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize("layout", ["ml-1m", "ml-10m"])
def test_read_movies_of_dat_files_in_both_encodings(tmp_path, layout, encoding):
    movies, _ = read(tmp_path, layout, "7::Café (1995)::Comedy|War\n", encoding)
    assert movies == [Movie("7", "Café (1995)", ("Comedy", "War"), 1995)]


def test_read_movies_of_csv(tmp_path):
    content = 'movieId,title,genres\n7,"Kite, The (1995)",(no genres listed)\n8,,Drama\n'
    movies, _ = read(tmp_path, "ml-csv", content)
    # A movie without a title goes by its id.
    assert movies == [Movie("7", "Kite, The (1995)", (), 1995), Movie("8", "8", ("Drama",), None)]


def test_read_movies_prefers_the_year_column(tmp_path):
    movies, _ = read(tmp_path, "csv", "id,title,year\n7,Kite (1995),1996\n8,Map (1995),\n")
    assert [movie.year for movie in movies] == [1996, 1995]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1995", 1995),
        ("1995.0", 1995),
        ("1995-10-30", 1995),
        ("10/30/1995", 1995),
        ("1995-10-30T20:15:00Z", 1995),
        ("2049", 2049),
        ("0", None),
        ("815011200", None),
        ("19951030", None),
        ("", None),
    ],
)
def test_year_in_a_column(text, year):
    assert year_in(text) == year


def test_read_movies_separator_is_that_of_the_whole_column(tmp_path):
    # With a "|" anywhere, commas are part of names.
    movies, _ = read(
        tmp_path, "csv", 'id,title,genres\n1,A,"Sci-Fi, Fantasy"\n2,B,"Drama|Sci-Fi, Fantasy"\n'
    )
    assert [movie.genres for movie in movies] == [
        ("Sci-Fi, Fantasy",),
        ("Drama", "Sci-Fi, Fantasy"),
    ]


def test_read_movies_separator_is_one_for_all_files(tmp_path):
    for name, genres in (("a", "Drama|War"), ("b", "Drama, War")):
        (tmp_path / f"{name}.csv").write_text(f'id,title,genres\n{name},T,"{genres}"\n')
    files = tuple(movies_file("csv", tmp_path / f"{name}.csv") for name in "ab")
    movies, _ = read_movies(DataFiles("csv", (), files))
    assert [movie.genres for movie in movies] == [("Drama", "War"), ("Drama, War",)]


def test_read_movies_of_tmdb(tmp_path):
    rows = (
        """862,Kite,"[{'id': 16, 'name': 'Animation'}, {'id': 35, 'name': 'Comedy'}]",1995-10-30""",
        '8,Map,"[{""id"": 18, ""name"": ""Drama""}]",1996.0',
        "9,Hat,[],",
    )
    movies, _ = read(tmp_path, "csv", "\n".join(["id,title,genres,year", *rows, ""]))
    assert movies == [
        Movie("862", "Kite", ("Animation", "Comedy"), 1995),
        Movie("8", "Map", ("Drama",), 1996),
        Movie("9", "Hat"),
    ]


def test_read_movies_counts_what_it_leaves_out(tmp_path):
    content = "1::A (1990)::War\n\n2::B\n1::C (1991)::War\n::D (1992)::War\n"
    movies, counts = read(tmp_path, "ml-1m", content)
    path = str(tmp_path / "movies")
    assert [movie.title for movie in movies] == ["A (1990)"]
    assert counts.rows == 4
    assert counts.dropped == {drop_reasons.BROKEN_MOVIE: 2, drop_reasons.REPEATED_MOVIE: 1}
    assert counts.firsts == {
        drop_reasons.BROKEN_MOVIE: RowLocation(path, 0, 2, "2::B (expected: movie::title::genres)"),
        drop_reasons.REPEATED_MOVIE: RowLocation(path, 0, 3, "1, C (1991), War"),
    }


def test_read_movies_later_file_changes_titles_and_adds(tmp_path):
    paths = []
    for name, content in (("a", "1::Old::War\n2::B::War\n"), ("b", "1::New::War\n3::C::War\n")):
        (tmp_path / name).write_text(content)
        paths.append(movies_file("ml-10m", tmp_path / name))
    movies, _ = read_movies(DataFiles("ml-10m", (), tuple(paths)))
    assert [(movie.movie_id, movie.title) for movie in movies] == [
        ("1", "New"),
        ("2", "B"),
        ("3", "C"),
    ]


def test_read_movies_refuses_a_file_without_movies(tmp_path):
    with pytest.raises(DataError, match="no movies in the shape of layout ml-1m"):
        read(tmp_path, "ml-1m", "id,title\n1,A\n")


@pytest.mark.parametrize(
    ("layout", "name", "content"),
    [
        ("ml-100k", "u.user", "7|24|M|technician|85711\n"),
        ("ml-1m", "users.dat", "7::M::24::technician::85711\n"),
        ("csv", "users.csv", "user_id,sex,age,job\n7,M,24,technician\n"),
    ],
)
def test_read_users_of_every_layout(tmp_path, layout, name, content):
    (tmp_path / name).write_text(content)
    users, counts = read_users(DataFiles(layout, (), (), (users_file(layout, tmp_path / name),)))
    features = {"gender": "M", "age": "24", "occupation": "technician"}
    assert users == [User("7", features)]
    assert (counts.rows, dict(counts.dropped)) == (1, {})


@pytest.mark.parametrize(
    ("written", "gender"),
    [
        *((word, "M") for word in ("M", "m", "Male", "male", "MALE")),
        *((word, "F") for word in ("F", "f", "Female", "female")),
        *((word, word) for word in ("0", "1", "non-binary", "Divers", "unknown")),
    ],
)
def test_read_users_writes_words_of_the_same_gender_alike(tmp_path, written, gender):
    (tmp_path / "users.csv").write_text(f"user,gender\n7,{written}\n")
    users, _ = read_users(DataFiles("csv", (), (), (users_file("csv", tmp_path / "users.csv"),)))
    assert users == [User("7", {"gender": gender})]


def test_read_users_leaves_empty_features_out(tmp_path):
    (tmp_path / "users.csv").write_text("user,gender,age\n7,,24\n")
    users, _ = read_users(DataFiles("csv", (), (), (users_file("csv", tmp_path / "users.csv"),)))
    assert users == [User("7", {"age": "24"})]
