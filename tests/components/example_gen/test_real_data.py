"""ExampleGen on MovieLens itself, against published facts."""

import pytest

pytestmark = pytest.mark.real_data


def by_user(rows):
    return {row["user_id"][0]: row for row in rows}


def check_parts(output, train, held_out):
    """Train and eval must be disjoint and add up, and eval must know the user's train movies."""
    for user, row in held_out.items():
        seen = train[user]["movie_id"] if user in train else []
        assert row["seen_movie_id"] == seen
        assert not set(row["movie_id"]) & set(seen)
    for rows, split in ((train, "train"), (held_out, "eval")):
        expected = {
            "users": len(rows),
            "interactions": sum(len(row["movie_id"]) for row in rows.values()),
        }
        assert output.summary["splits"][split] == expected
        for row in rows.values():
            assert row["timestamp"] == sorted(row["timestamp"])


def test_ml_1m(movielens_1m, run):
    output = run(movielens_1m)
    summary = output.summary
    train, held_out = by_user(output.rows("train")), by_user(output.rows("eval"))

    assert summary["layout"] == "ml-1m"
    assert summary["rows"] == summary["ratings"] == 1_000_209
    assert (summary["users"], summary["users_without_row"]) == (6_040, 0)
    assert (summary["movies"], summary["rated_movies"]) == (3_883, 3_706)
    assert summary["dropped"] == {}
    histogram = summary["rating_histogram"]
    assert histogram == {"1": 56_174, "2": 107_557, "3": 261_197, "4": 348_971, "5": 226_310}
    mean = sum(int(rating) * count for rating, count in histogram.items()) / 1_000_209
    assert mean == pytest.approx(3.58156, abs=5e-6)

    assert len(train[b"1"]["movie_id"]) + len(held_out[b"1"]["movie_id"]) == 53
    rows = [*train.values(), *held_out.values()]
    assert sum(row["movie_id"].count(b"2858") for row in rows) == 3_428
    share = summary["splits"]["eval"]["interactions"] / 1_000_209
    assert share == pytest.approx(0.25, abs=0.002)
    check_parts(output, train, held_out)

    titles = {row["movie_id"][0]: row for row in output.rows("movies")}
    assert len(titles) == 3_883
    assert all(len(row["year"]) == 1 and row["genres"] for row in titles.values())
    assert train[b"1"]["gender"] == [b"F"]
    assert train[b"1"]["age"] == [b"1"]


def test_ml_100k(movielens_100k, run):
    output = run(movielens_100k, split={"method": "temporal"})
    summary = output.summary
    train, held_out = by_user(output.rows("train")), by_user(output.rows("eval"))

    assert summary["layout"] == "ml-100k"
    assert summary["rows"] == summary["ratings"] == 100_000
    assert (summary["users"], summary["users_without_row"]) == (943, 0)
    assert (summary["movies"], summary["rated_movies"]) == (1_682, 1_682)
    histogram = summary["rating_histogram"]
    mean = sum(int(rating) * count for rating, count in histogram.items()) / 100_000
    assert mean == pytest.approx(3.52986)

    rows = [*train.values(), *held_out.values()]
    assert sum(row["movie_id"].count(b"50") for row in rows) == 583
    last = max(time for row in train.values() for time in row["timestamp"])
    assert last < min(time for row in held_out.values() for time in row["timestamp"])
    check_parts(output, train, held_out)

    movies = output.rows("movies")
    titles = [row["title"][0] for row in movies]
    assert len(set(titles)) < len(titles) == 1_682  # ids are the key: some titles come twice
