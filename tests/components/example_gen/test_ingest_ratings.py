"""The whole job on small data: what arrives in the Examples, and what is refused."""

import random

import pytest

from components.errors import DataError
from components.example_gen import drop_reasons
from components.example_gen.config import DataConfig
from components.example_gen.formats.table_format import TableFile
from components.example_gen.ingest_ratings import bucket_count
from components.example_gen.layouts.known import BY_NAME, RATING_COLUMNS
from components.example_gen.sources.data_set import DataFiles

MOVIES = tuple(f"{n}::Film {n} (19{n:02})::Drama" for n in range(10, 60))


def many_rows(users=12, per_user=40):
    """Returns rows of users × 40 of the 50 movies, at different times."""
    rng = random.Random(0)
    rows = []
    for user in range(1, users + 1):
        for at, movie in enumerate(rng.sample(range(10, 60), per_user)):
            rows.append(f"{user}::{movie}::{rng.randint(1, 5)}::{1000 * at + user}")
    return rows


def pairs(output, split):
    return {(row["user_id"][0], movie) for row in output.rows(split) for movie in row["movie_id"]}


def test_ingest_writes_examples_movies_and_summary(write_1m, run, example_gen_rows):
    rows = ["1::1::5::100", "1::2::4::50", "1::3::3::200", "2::2::2::10", "3::1::1::7"]

    output = run(write_1m(rows), split={"method": "leave-last", "leave_last": 1})

    assert output.rows("train") == [
        {
            "user_id": [b"1"],
            "activity": [b"1-19"],
            "gender": [b"F"],
            "age": [b"1"],
            "occupation": [b"10"],
            "movie_id": [b"2", b"1"],
            "rating": [4.0, 5.0],
            "timestamp": [50, 100],
        },
        {
            "user_id": [b"2"],
            "activity": [b"1-19"],
            "gender": [b"M"],
            "age": [b"56"],
            "occupation": [b"16"],
            "movie_id": [b"2"],
            "rating": [2.0],
            "timestamp": [10],
        },
        {  # not in the users file: kept, without features
            "user_id": [b"3"],
            "activity": [b"1-19"],
            "movie_id": [b"1"],
            "rating": [1.0],
            "timestamp": [7],
        },
    ]
    (held_out,) = output.rows("eval")
    assert held_out["movie_id"] == [b"3"]
    assert held_out["seen_movie_id"] == [b"2", b"1"]
    assert [row["title"][0].decode() for row in output.rows("movies")] == [
        "Red Kite (1999)",
        "Café Noon (2001)",
        "Old Map",
    ]
    summary = output.summary
    assert summary.pop("inspection")["layout"] == "ml-1m"
    assert summary == {
        "layout": "ml-1m",
        "files": {
            # A line end after each row; the é of Café is one byte in ISO-8859-1.
            "ratings.dat": sum(len(row) + 1 for row in rows),
            "movies.dat": sum(len(row) + 1 for row in example_gen_rows.MOVIES),
            "users.dat": sum(len(row) + 1 for row in example_gen_rows.USERS),
        },
        "spans": [],
        "rows": 5,
        "ratings": 5,
        "users": 3,
        "users_without_row": 1,
        "movies": 3,
        "rated_movies": 3,
        "splits": {
            "train": {"users": 3, "interactions": 4},
            "eval": {"users": 1, "interactions": 1},
        },
        "dropped": {},
        "examples_of_dropped": {},
        "rating_histogram": {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1},
        "first_timestamp": 7,
        "last_timestamp": 200,
        "warnings": [],
    }


@pytest.mark.parametrize(
    "split",
    [
        {"method": "random"},
        {"method": "temporal"},
        {"method": "leave-last", "leave_last": 5},
    ],
    ids=lambda split: split["method"],
)
def test_ingest_puts_each_interaction_on_one_side_only(write_1m, run, split):
    rows = many_rows()
    # Some pairs come again, earlier or later, in other blocks.
    again = [row.rsplit("::", 1)[0] + "::99999" for row in rows[::7]]
    root = write_1m(rows + again + rows[:20], MOVIES, None)

    output = run(root, data={"block_bytes": 1024, "output_shards": 3}, split=split)

    train, held_out = pairs(output, "train"), pairs(output, "eval")
    assert train
    assert held_out
    assert not train & held_out
    assert train | held_out == {tuple(part.encode() for part in r.split("::")[:2]) for r in rows}
    # Lists have no repetitions either, and seen_movie_id is train and nothing else.
    assert sum(len(row["movie_id"]) for row in output.rows("train")) == len(train)
    seen = {(r["user_id"][0], m) for r in output.rows("eval") for m in r["seen_movie_id"]}
    assert not seen & held_out
    assert seen == {pair for pair in train if pair[0] in {user for user, _ in held_out}}


def test_ingest_temporal_split_has_no_train_after_eval(write_1m, run):
    output = run(write_1m(many_rows(), MOVIES, None), split={"method": "temporal"})
    train = [time for row in output.rows("train") for time in row["timestamp"]]
    held_out = [time for row in output.rows("eval") for time in row["timestamp"]]
    assert max(train) < min(held_out)
    # 12 users × 40 rows at different seconds: the latest quarter is exactly 120.
    assert len(held_out) == 120


def test_ingest_gives_the_same_bytes_whatever_order_and_blocks(write_1m, run):
    rows = many_rows()
    shuffled = random.Random(1).sample(rows, len(rows))

    first = run(write_1m(rows, MOVIES, folder="a"), name="out-a")
    second = run(write_1m(shuffled, MOVIES, folder="b"), data={"block_bytes": 1024}, name="out-b")
    third = run(write_1m(shuffled, MOVIES, folder="b"), data={"output_shards": 4}, name="out-c")

    for split in ("train", "eval", "movies"):
        assert first.records(split) == second.records(split)
        assert sorted(first.records(split)) == sorted(third.records(split))
    users = [row["user_id"][0] for row in first.rows("train")]
    assert users == sorted(users)


def test_ingest_warns_of_genres_that_are_none(write_1m, run):
    # 20 movies, each with a "genre" of its own.
    movies = [f"{movie}::Movie {movie} (1999)::Plot {movie}" for movie in range(1, 21)]
    output = run(write_1m(["1::1::5::100", "1::2::4::50"], movies, None))
    (warning,) = output.summary["warnings"]
    assert warning.startswith("20 movies have 20 different genres")


def test_ingest_newest_rating_counts(write_1m, run):
    rows = ["1::1::2::100", "1::1::5::300", "1::1::4::200", "1::2::3::1", "1::2::3::1"]
    output = run(write_1m(rows), split={"method": "leave-last", "leave_last": 1})
    assert output.rows("eval")[0]["rating"] == [5.0]
    assert output.rows("eval")[0]["timestamp"] == [300]
    assert output.summary["dropped"] == {drop_reasons.REPLACED: 2, drop_reasons.REPEATED: 1}
    assert (output.summary["rows"], output.summary["ratings"]) == (5, 2)
    assert output.summary["warnings"] == [
        "2 of 5 rows (40.0 %) were left out: older rating of the same movie",
        "1 of 5 rows (20.0 %) were left out: row repeated",
    ]


def test_ingest_spans_together_newest_rating_counts(write_1m, run, tmp_path):
    for span, rows in ((9, ["1::1::2::100", "1::2::3::50"]), (10, ["1::1::5::300", "2::3::4::9"])):
        folder = tmp_path / "data" / f"span-{span}"
        folder.mkdir(parents=True)
        (folder / "ratings.dat").write_text("\n".join(rows))
    root = write_1m([], users=None)
    (root / "ratings.dat").unlink()

    output = run(
        root, patterns=("span-9/*", "span-10/*"), split={"method": "leave-last", "leave_last": 1}
    )

    assert output.rows("eval")[0]["movie_id"] == [b"1"]
    assert output.rows("eval")[0]["rating"] == [5.0]
    assert [row["user_id"] for row in output.rows("train")] == [[b"1"], [b"2"]]
    assert set(output.summary["files"]) == {
        "span-9/ratings.dat",
        "span-10/ratings.dat",
        "movies.dat",
    }


def test_ingest_counts_and_drops_up_to_the_share(write_1m, run):
    good = many_rows()
    bad = ["oops", "1::10::9::5", "1::999::3::5"]
    root = write_1m(good[:100] + bad[:1] + good[100:] + bad[1:], MOVIES, None)

    output = run(root, data={"block_bytes": 1024, "max_dropped_share": 3 / 483})

    summary = output.summary
    assert (summary["rows"], summary["ratings"]) == (483, 480)
    assert summary["warnings"] == []
    assert summary["dropped"] == {
        drop_reasons.BROKEN: 1,
        drop_reasons.OUT_OF_RANGE: 1,
        drop_reasons.UNKNOWN_MOVIE: 1,
    }
    # The numbers are those an editor shows: line 101 between the first 100 rows and the others.
    assert summary["examples_of_dropped"] == {
        drop_reasons.BROKEN: "ratings.dat:101: oops (expected: user::movie::rating::timestamp)",
        drop_reasons.OUT_OF_RANGE: "ratings.dat:482: 1::10::9::5",
        drop_reasons.UNKNOWN_MOVIE: "ratings.dat:483: 1::999::3::5",
    }


def test_ingest_refuses_beyond_the_share(write_1m, run):
    root = write_1m([*many_rows(2), "1::10::x::5", "1::10::y::5"], MOVIES, None)
    with pytest.raises(DataError) as error:
        run(root)
    assert str(error.value) == (
        f"data root {root}: 2 of 82 rows of ratings (2.44%) are unusable: rating is not a number: "
        "2 (first: ratings.dat:81: 1::10::x::5; data.decimal, data.not_rated and data.columns say "
        "how ratings are written); accepted: up to 1.00% (data.max_dropped_share)"
    )


def test_ingest_refuses_broken_movies(write_1m, run):
    root = write_1m(["1::1::3::4"], ("1::A::War", "2::B"))
    with pytest.raises(DataError, match=r"1 of 2 rows of movies .*broken movie row: 1 .*:2"):
        run(root)


@pytest.mark.parametrize(
    ("split", "empty"),
    [({"method": "leave-last"}, "eval"), ({"method": "temporal"}, "train")],
    ids=["leave-last", "temporal"],
)
def test_ingest_refuses_an_empty_split(write_1m, run, split, empty):
    # One interaction for each user stays in train; interactions of one second stay together.
    root = write_1m(["1::1::5::100", "2::2::5::100"])
    with pytest.raises(DataError, match=f"no interactions are left for {empty} .2 rows"):
        run(root, split=split)


def test_ingest_csv_without_movies_makes_the_catalogue_of_what_was_rated(tmp_path, run):
    root = tmp_path / "data"
    root.mkdir()
    (root / "ratings.csv").write_text(
        "user,item,rating,date\r\nanna,kite,3.5,2001-01-01\r\nanna,map,1,2001-01-02 10:00:00\r\n"
        "bert,map,2,2001-01-03\r\n\r\n"
    )
    output = run(root, split={"method": "leave-last", "leave_last": 1})
    assert [row["title"] for row in output.rows("movies")] == [[b"kite"], [b"map"]]
    assert output.rows("eval")[0]["timestamp"] == [978_307_200 + 34 * 3600]  # from 2001-01-01
    assert output.summary["layout"] == "csv"
    assert output.summary["rating_histogram"] == {"1": 1, "2": 1, "3.5": 1}


def test_ingest_parquet_with_movies(tmp_path, run):
    import pyarrow as pa
    import pyarrow.parquet as pq

    root = tmp_path / "data"
    root.mkdir()
    ratings = {"userId": [1, 1, 2], "movieId": [7, 8, 7], "rating": [3.5, 4, 5], "ts": [1, 2, 3]}
    pq.write_table(pa.table(ratings), root / "ratings.parquet", row_group_size=1)
    movies = {"movieId": [7, 8, 9], "title": ["A (1999)", "B", "C"], "genres": ["War", "", None]}
    pq.write_table(pa.table(movies), root / "movies.parquet")

    output = run(root, split={"method": "leave-last", "leave_last": 1})

    assert output.rows("eval")[0]["movie_id"] == [b"8"]
    assert output.rows("movies")[0] == {
        "movie_id": [b"7"],
        "title": [b"A (1999)"],
        "genres": [b"War"],
        "year": [1999],
    }
    assert output.summary["movies"] == 3


def test_ingest_reads_and_writes_on_another_file_system(write_1m, run, tmp_path):
    import tensorflow as tf

    local = write_1m(many_rows(), MOVIES)
    remote = f"ram://run{tmp_path}/data"
    tf.io.gfile.makedirs(remote)
    for path in local.iterdir():
        with tf.io.gfile.GFile(f"{remote}/{path.name}", "wb") as file:
            file.write(path.read_bytes())

    expected = run(local, name="out-local")
    output = run(remote, data={"block_bytes": 1024}, name="out-remote")

    for split in ("train", "eval", "movies"):
        assert output.records(split) == expected.records(split)
    assert output.summary == expected.summary


def test_bucket_count_follows_the_size_unless_told(tmp_path):
    path = tmp_path / "ratings.dat"
    path.write_bytes(b"x")
    rows = BY_NAME["ml-1m"].ratings.table_format(RATING_COLUMNS)
    data = DataFiles("ml-1m", (TableFile(str(path), rows),))
    assert bucket_count(data, DataConfig()) == 1
    with path.open("r+b") as file:
        file.truncate((64 << 20) + 1)  # two times 32 MiB and a byte
    assert bucket_count(data, DataConfig()) == 3
    assert bucket_count(data, DataConfig(output_shards=7)) == 7
