"""Shapes that differ in what the columns are called and what the values mean."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.data_shapes.rows import (
    HEADER,
    ROWS,
    TITLE_HEADER,
    TITLES,
    Row,
    Shape,
    Title,
    catalogue,
    cells,
    plain,
    ratings,
    table,
)


def with_header(*names: str) -> Callable[[Path], None]:
    """Returns a function that writes the plain rows under other names."""
    return ratings(table(cells(), names))


def changed(**change: Callable[[Row], object]) -> list[Row]:
    """Returns the rows with some fields computed anew."""
    return [r._replace(**{name: value(r) for name, value in change.items()}) for r in ROWS]


def timed(write: Callable[[datetime.datetime], str]) -> Callable[[Path], None]:
    """Returns a function that writes the times in another way."""
    lines = [[u, m, r, write(moment(int(t)))] for u, m, r, t in cells()]
    return ratings(table(lines))


def moment(seconds: int, hours: int = 0) -> datetime.datetime:
    """Returns seconds since 1970 in a zone so many hours east of UTC."""
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    return datetime.datetime.fromtimestamp(seconds, zone)


def day(row: Row) -> int:
    """Returns the first second of a row's day."""
    return row.time - row.time % 86_400


def minute(row: Row) -> int:
    """Returns the first second of a row's minute."""
    return row.time - row.time % 60


def columns(rows: Iterable[Row], *names: str) -> list[list[str]]:
    """Returns fields of rows as text."""
    return [[f"{v:g}" if isinstance(v, float) else str(v) for v in picked(r, names)] for r in rows]


def picked(row: Row, names: Sequence[str]) -> list[object]:
    """Returns fields of a row."""
    return [getattr(row, name) for name in names]


EVENTS = {"view": 1.0, "cart": 3.0, "purchase": 5.0}
KIND = [("view", "view", "cart", "purchase")[n % 4] for n in range(len(ROWS))]
EVENT_ROWS = [
    r._replace(rating=EVENTS[kind], weight=EVENTS[kind]) for r, kind in zip(ROWS, KIND, strict=True)
]
EVENT_LINES = [[u, m, t, kind] for (u, m, _, t), kind in zip(cells(), KIND, strict=True)]
EVENT_FILE = table(EVENT_LINES, ("visitorid", "itemid", "timestamp", "event"))
ONES = changed(rating=lambda r: 1.0)
COUNTED = changed(rating=lambda r: r.rating**2, weight=lambda r: 1 + math.log(r.rating**2))
TWICE = [*ROWS, *changed(time=lambda r: r.time + 86_400)]
LATER = changed(time=lambda r: r.time + 86_400)
JSON_GENRES = [
    t._replace(genres=json.dumps([{"id": 35, "name": "Comedy"}, {"id": 18, "name": "Drama"}]))
    for t in TITLES
]
LIKES = changed(rating=lambda r: float(r.rating >= 4))
NOT_RATED = [r._replace(rating=-1.0) if n % 20 == 0 else r for n, r in enumerate(ROWS)]
EMAILS = changed(
    user=lambda r: f"user+{r.user}@example.org", movie=lambda r: f"{int(r.movie):010d}"
)
ODD = {"1": 'u"1', "2": "u1", "3": "é", "4": "e\u0301", "5": "🎬 a", "6": "x" * 5000, "7": "a,b"}
ODD_IDS = changed(user=lambda r: ODD.get(r.user, r.user))


def mean(user: str) -> float:
    """Returns the mean rating of a user."""
    given = [r.rating for r in ROWS if r.user == user]
    return sum(given) / len(given)


def nicknames(folder: Path) -> None:
    """Writes a nickname beside the id; three users share each."""
    lines = [[("alex", "sam", "kim")[int(u) % 3], u, m, r, t] for u, m, r, t in cells()]
    ratings(table(lines, ("user", "user_id", "item_id", "rating", "timestamp")))(folder)


def genders(folder: Path) -> None:
    """Writes users whose gender is a word."""
    plain(folder)
    words = ("Male", "Female", "0", "other", "")
    lines = [[str(n), words[n % 5]] for n in range(1, 13)]
    (folder / "users.csv").write_text(table(lines, ("user_id", "gender")))


NAMES = [
    Shape("names as in rat_userId",
          with_header("rat_userId", "rat_movieId", "rat_rating", "rat_time")),
    Shape("names of Amazon's reviews",
          with_header("reviewerID", "asin", "overall", "unixReviewTime")),
    Shape("names of book ratings", with_header("User-ID", "ISBN", "Book-Rating", "Date")),
    Shape("names of Yelp", with_header("user_id", "business_id", "stars", "date")),
    Shape("names with capitals", with_header("USER_ID", "ITEM_ID", "RATING", "TIMESTAMP")),
    Shape("names that nobody knows", with_header("who", "what", "mark", "moment"),
          settings={"columns": {"user": "who", "item": "what", "rating": "mark",
                                "timestamp": "moment"}}),
    Shape("names that nobody knows, not named", ratings(
        table(cells(), ("who", "what", "mark", "moment")), titles=False
    ), error="no column for users and one for items in who, what, mark, moment; name them: --set "
             "'data.columns={user: NAME, movie: NAME}'"),
    Shape("two columns of items", ratings(table(
        [[u, m, m, r, t] for u, m, r, t in cells()],
        ("user_id", "book_id", "isbn", "rating", "timestamp")), titles=False),
        error="columns 'book_id' and 'isbn' can both be the movie; name one: --set "
              "'data.columns={movie: book_id}'"),
    Shape("nickname beside the id", nicknames,
          facts={"files.0.columns.user.column": "user_id",
                 "files.0.columns.user.why": "the name 'user_id' fits better than 'user'"}),
    Shape("a column that the file lacks", plain, settings={"columns": {"user": "uid"}},
          error="no column 'uid' for data.columns.user; the file has userId, movieId, rating"),
]  # fmt: skip

VALUES = [
    Shape("no ratings",
          ratings(table(columns(ROWS, "user", "movie", "time"), ("user", "item", "ts"))),
          rows=ONES, same=False, facts={"values.kind": "implicit"}),
    Shape("users and items alone", ratings(table(columns(ROWS, "user", "movie"), ("user", "item"))),
          rows=changed(rating=lambda r: 1.0, time=lambda r: 0), same=False,
          facts={"splits": ["random"], "times": None}),
    Shape("no times", ratings(table(columns(ROWS, "user", "movie", "rating"), HEADER[:3])),
          rows=changed(time=lambda r: 0), same=False),
    Shape("0 to 10", ratings(table(cells(changed(rating=lambda r: 2 * r.rating)))),
          rows=changed(rating=lambda r: 2 * r.rating), same=False,
          facts={"values.max": 10.0, "layout": "csv"}),
    Shape("percent", ratings(table(cells(changed(rating=lambda r: 20 * r.rating)))),
          rows=changed(rating=lambda r: 20 * r.rating), same=False, facts={"values.max": 100.0}),
    Shape("a range by settings", ratings(table(cells(changed(rating=lambda r: 2 * r.rating)))),
          settings={"min_rating": 0, "max_rating": 9, "max_dropped_share": 1},
          rows=[r for r in changed(rating=lambda r: 2 * r.rating) if r.rating <= 9], same=False,
          warning="rows are left out: rating out of range"),
    Shape("-1 for not rated", ratings(table(cells(NOT_RATED), ("user", "item", "rating", "time"))),
          rows=[r for r in NOT_RATED if r.rating > 0], same=False),
    Shape("likes", ratings(table(
        [[u, m, "true" if r == "1" else "false", t] for u, m, r, t in cells(LIKES)],
        ("user", "video", "liked", "time"))),
        rows=[r for r in LIKES if r.rating], same=False, warning="not a positive",
        facts={"values.kind": "likes", "positives": "rows with a like"}),
    Shape("play counts", ratings(table(cells(COUNTED), ("user", "track", "plays", "time"))),
          rows=COUNTED, same=False, facts={"values.kind": "counts"}),
    Shape("positives from 4 on", plain, settings={"positive": {"min_rating": 4}},
          rows=[r for r in ROWS if r.rating >= 4], same=False, warning="not a positive",
          facts={"positives": "ratings of at least 4"}),
    Shape("positives above the user's mean", plain,
          settings={"positive": {"above_user_mean": True}},
          rows=[r for r in ROWS if r.rating >= mean(r.user)], same=False),
    Shape("events, all alike", ratings(EVENT_FILE), rows=ONES, same=False,
          facts={"events": {"view": 48, "cart": 24, "purchase": 24}}),
    Shape("events with weights", ratings(EVENT_FILE), settings={"event_weights": EVENTS},
          rows=EVENT_ROWS, same=False, facts={"values.kind": "events", "values.max": 5.0}),
    Shape("an event without a weight", ratings(EVENT_FILE),
          settings={"event_weights": {"view": 1, "cart": 3}},
          error="24 of 96 rows of ratings (25.00%) are unusable: event without a weight: 24"),
    Shape("an event of weight 0", ratings(EVENT_FILE),
          settings={"event_weights": {"view": 1, "cart": 3, "purchase": 0}},
          rows=[r for r in EVENT_ROWS if r.rating < 5], same=False, warning="not a positive"),
    Shape("repeated interactions, the last counts", ratings(table(cells(TWICE))), rows=LATER,
          same=False, warning="older rating of the same movie"),
    Shape("repeated interactions, counted", ratings(table(cells(TWICE))),
          settings={"repeats": "count"}, rows=[r._replace(weight=2.0) for r in LATER],
          same=False, warning="repeated interaction joined"),
]  # fmt: skip

TIMES = [
    Shape("milliseconds", ratings(table([[*line[:3], line[3] + "000"] for line in cells()]))),
    Shape("microseconds", ratings(table([[*line[:3], line[3] + "000000"] for line in cells()]))),
    Shape("nanoseconds", ratings(table([[*line[:3], line[3] + "000000000"] for line in cells()]))),
    Shape("seconds as floats", ratings(table([[*line[:3], line[3] + ".0"] for line in cells()]))),
    Shape("ISO 8601", timed(lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ"))),
    Shape("ISO 8601, zones of all kinds", ratings(table([
        [u, m, r, moment(int(t), hours=n % 5 - 2).isoformat()]
        for n, (u, m, r, t) in enumerate(cells())
    ]))),
    Shape("dates", timed(lambda t: t.strftime("%Y-%m-%d")), rows=changed(time=day), same=False),
    Shape("dates as 19980402", timed(lambda t: t.strftime("%Y%m%d")), rows=changed(time=day),
          same=False),
    Shape("day, month, year, clock", timed(lambda t: t.strftime("%d/%m/%Y %H:%M")),
          settings={"time_format": "%d/%m/%Y %H:%M"}, rows=changed(time=minute), same=False),
    Shape("day, month, year, told by the days", timed(lambda t: t.strftime("%d/%m/%Y %H:%M:%S")),
          facts={"times.format": "%d/%m/%Y %H:%M:%S"}),
    Shape("days and months that cannot be told apart", ratings(
        table([[u, m, r, "01/02/2003"] for u, m, r, _ in cells()]), titles=False
    ), error="can be read as %d/%m/%Y or %m/%d/%Y; name one: --set 'data.time_format="),
    Shape("times that are none", ratings(
        table([[u, m, r, "yesterday"] for u, m, r, _ in cells()]), titles=False
    ), error="times such as 'yesterday' in column 'timestamp' are not understood"),
    Shape("a time that cannot be", ratings(table([*cells(), ["1", "1", "3", "-5"]])),
          settings={"max_dropped_share": 0.02}),
]  # fmt: skip

IDS = [
    Shape("ids as floats", ratings(table([[u + ".0", m + ".0", r, t] for u, m, r, t in cells()]))),
    Shape("ids as floats in the catalogue", catalogue(
        table([t._replace(movie=t.movie + ".0") for t in TITLES], TITLE_HEADER))),
    Shape("e-mail addresses, and zeros before numbers", ratings(table(cells(EMAILS)), titles=False),
          rows=EMAILS, titles=None, same=False),
    Shape("odd ids", ratings(table(cells(ODD_IDS))), rows=ODD_IDS, same=False),
    Shape("line breaks in ids", ratings(table(cells(
        changed(user=lambda r: f"line\nbreak {r.user}")))),
        rows=changed(user=lambda r: f"line\nbreak {r.user}"), same=False),
]  # fmt: skip

CATALOGUES = [
    Shape("title called movie", catalogue(table(TITLES, ("movie_id", "movie", "genre"))),
          facts={"files.1.columns.title.column": "movie"}),
    Shape("slug in name beside the title", catalogue(table(
        [(t.movie, f"slug-{t.movie}", t.title, t.genres) for t in TITLES],
        ("movieId", "name", "title", "genres"))),
        facts={"files.1.columns.title.column": "title"}),
    Shape("JSON in the genres", catalogue(table(JSON_GENRES, TITLE_HEADER))),
    Shape("no catalogue", ratings(table(cells()), titles=False), titles=None, same=False),
    Shape("catalogue without titles", catalogue(
        table([(t.movie, t.genres) for t in TITLES], ("movieId", "genres"))),
        titles=[Title(t.movie, t.movie, t.genres) for t in TITLES], same=False,
        warning="movies.csv: no column of titles; ids are shown as titles"),
    Shape("catalogue with duplicates", catalogue(table([*TITLES, *TITLES], TITLE_HEADER))),
    Shape("catalogue that lacks movies", catalogue(table(TITLES[2:], ("id", "title", "genres"))),
          settings={"layout": "csv"}, titles=TITLES[2:], same=False,
          warning="2 of 20 rated movies are not in the movies file (as 1, 2)"),
    Shape("catalogue with more movies", catalogue(table(
        [*TITLES, Title("99", "Unseen (1999)", "War")], TITLE_HEADER)),
        titles=[*TITLES, Title("99", "Unseen (1999)", "War")], same=False),
    Shape("year in a column of its own", catalogue(table(
        [(t.movie, t.title, str(1980 + int(t.movie)), t.genres) for t in TITLES],
        ("movieId", "title", "year", "genres")))),
    Shape("newlines and separators in titles", catalogue(table(
        [t._replace(title=f"{t.movie};\n\"x\", (1999)") for t in TITLES], TITLE_HEADER)),
        titles=[t._replace(title=f"{t.movie};\n\"x\", (1999)") for t in TITLES], same=False),
    Shape("gender in words", genders, same=False),
]  # fmt: skip

MEANT = [*NAMES, *VALUES, *TIMES, *IDS, *CATALOGUES]
