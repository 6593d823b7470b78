import copy
import json
from collections import Counter

import pytest

from components.errors import DataError
from components.example_gen import drop_reasons, summary
from components.example_gen.summary import RowLocation, Summary


def part(**values):
    for name in ("dropped", "histogram", "interactions", "users_of"):
        values[name] = Counter(values.get(name, {}))
    return Summary(**values)


ONE = part(
    rows=10,
    dropped={drop_reasons.BROKEN: 1, drop_reasons.REPEATED: 3},
    firsts={drop_reasons.BROKEN: RowLocation("/d/a.dat", 100, 4, "oops")},
    lines={("/d/a.dat", 100): 7},
    ratings=6,
    users=2,
    rated=frozenset({"1", "2"}),
    histogram={3.0: 6},
    interactions={"train": 4, "eval": 2},
    users_of={"train": 2, "eval": 1},
    first=5,
    last=9,
)
TWO = part(
    rows=20,
    dropped={drop_reasons.BROKEN: 2},
    firsts={drop_reasons.BROKEN: RowLocation("/d/a.dat", 0, 2, "earlier")},
    lines={("/d/a.dat", 0): 12, ("/d/b.dat", 0): 50},
    ratings=18,
    users=3,
    users_without_row=1,
    rated=frozenset({"2", "3"}),
    histogram={3.0: 8, 4.5: 10},
    interactions={"train": 10, "eval": 8},
    users_of={"train": 3, "eval": 3},
    first=1,
    last=6,
)


def test_add_up_adds_and_joins():
    total = summary.add_up([ONE, TWO, Summary()])
    assert (total.rows, total.ratings, total.users, total.users_without_row) == (30, 24, 5, 1)
    assert total.dropped == {drop_reasons.BROKEN: 3, drop_reasons.REPEATED: 3}
    assert total.rated == {"1", "2", "3"}
    assert total.histogram == {3.0: 14, 4.5: 10}
    assert total.interactions == {"train": 14, "eval": 10}
    assert total.users_of == {"train": 5, "eval": 4}
    assert (total.first, total.last) == (1, 9)
    assert total.firsts[drop_reasons.BROKEN].text == "earlier"


def test_add_up_is_the_same_in_any_order_and_leaves_its_parts_alone():
    before = copy.deepcopy(ONE)
    assert summary.add_up([ONE, TWO]) == summary.add_up([TWO, ONE])
    assert before == ONE


def test_line_number_counts_the_blocks_before():
    total = summary.add_up([ONE, TWO])
    # Block 0 of a.dat has 12 lines; the line 4 (from 0) of the next block is the 17th. b.dat is
    # another file.
    assert total.line_number(ONE.firsts[drop_reasons.BROKEN]) == 17
    assert total.line_number(TWO.firsts[drop_reasons.BROKEN]) == 3


def test_check_share_accepts_up_to_the_limit():
    total = summary.add_up([ONE, TWO])  # 3 broken of 30; the repeated ones do not count
    summary.check_share(total, 0.1, "/d", "rows")
    with pytest.raises(DataError) as error:
        summary.check_share(total, 0.09, "/d", "rows of ratings")
    assert str(error.value) == (
        "data root /d: 3 of 30 rows of ratings (10.00%) are unusable: broken row: 3 "
        "(first: a.dat:3: earlier); accepted: up to 9.00% (data.max_dropped_share)"
    )


def test_drop_warnings_name_reasons_of_more_than_a_tenth():
    # 3 of 30 rows are a tenth: no more than that. Of 29 they are 10.3 %.
    total = summary.add_up([ONE, TWO])
    assert summary.drop_warnings(total, "/d", "rows") == []
    total.rows = 29
    assert summary.drop_warnings(total, "/d", "rows") == [
        "3 of 29 rows (10.3 %) were left out: broken row (first: a.dat:3: earlier)",
        "3 of 29 rows (10.3 %) were left out: row repeated",
    ]


def test_drop_warnings_largest_first():
    total = part(
        rows=50000, dropped={"row repeated": 5001, "older rating of the same movie": 40000}
    )
    assert summary.drop_warnings(total, "/d", "rows of movies") == [
        "40,000 of 50,000 rows of movies (80.0 %) were left out: older rating of the same movie",
        "5,001 of 50,000 rows of movies (10.0 %) were left out: row repeated",
    ]


def test_drop_warnings_of_nothing_are_none():
    assert summary.drop_warnings(Summary(), "/d", "rows") == []


def test_check_share_of_nothing_is_fine():
    summary.check_share(Summary(), 0.0, "/d", "rows")


@pytest.mark.parametrize(
    ("interactions", "empty"),
    [({"train": 1}, "eval"), ({"eval": 1}, "train"), ({}, "train and eval")],
)
def test_check_splits_refuses_empty_ones(interactions, empty):
    with pytest.raises(DataError, match=f"no interactions are left for {empty} .*split.method"):
        summary.check_splits(part(interactions=interactions), "/d")


def test_to_json_has_the_fields_that_others_read():
    total = summary.add_up([ONE, TWO])
    assert json.loads(summary.to_json(total, "ml-1m", {"a.dat": 99}, 4, "/d")) == {
        "layout": "ml-1m",
        "spans": [],
        "files": {"a.dat": 99},
        "rows": 30,
        "ratings": 24,
        "users": 5,
        "users_without_row": 1,
        "movies": 4,
        "rated_movies": 3,
        "splits": {
            "train": {"users": 5, "interactions": 14},
            "eval": {"users": 4, "interactions": 10},
        },
        "dropped": {"broken row": 3, "row repeated": 3},
        "examples_of_dropped": {"broken row": "a.dat:3: earlier"},
        "rating_histogram": {"3": 14, "4.5": 10},
        "first_timestamp": 1,
        "last_timestamp": 9,
        "inspection": {},
        "warnings": [],
    }
