import numpy as np
import pyarrow as pa

from components.example_gen import drop_reasons
from components.example_gen.reading import ratings
from components.example_gen.users.interactions import MergeRules, merge


def table(*rows):
    columns = zip(*rows, strict=True) if rows else [[], [], [], []]
    return pa.table([list(column) for column in columns], schema=ratings.SCHEMA)


def listed(data):
    return [
        (data.users[u], data.movies[m], r, t)
        for u, m, r, t in zip(
            data.user.tolist(),
            data.movie.tolist(),
            data.rating.tolist(),
            data.timestamp.tolist(),
            strict=True,
        )
    ]


def test_merge_sorts_by_user_then_time_then_movie():
    data, counts = merge([table(("2", "b", 1, 5), ("10", "b", 2, 9)), table(("2", "a", 3, 5))])
    # As text "10" comes before "2".
    assert listed(data) == [("10", "b", 2, 9), ("2", "a", 3, 5), ("2", "b", 1, 5)]
    assert data.offsets().tolist() == [0, 1, 3]
    assert counts == {}


def test_merge_keeps_the_newest_rating_of_a_movie():
    first, second = table(("1", "a", 5, 100), ("1", "b", 3, 1)), table(("1", "a", 1, 200))
    for order in ([first, second], [second, first]):
        data, counts = merge(order)
        assert listed(data) == [("1", "b", 3, 1), ("1", "a", 1, 200)]
        assert counts == {drop_reasons.REPLACED: 1}


def test_merge_keeps_the_higher_of_two_ratings_at_once():
    data, counts = merge([table(("1", "a", 4, 7), ("1", "a", 2, 7))])
    assert listed(data) == [("1", "a", 4, 7)]
    assert counts == {drop_reasons.REPLACED: 1}


def test_merge_tells_repeated_rows_from_replaced_ones():
    # Three times the same row: two repeated; then one older rating: replaced.
    data, counts = merge([table(*[("1", "a", 4, 7)] * 3, ("1", "a", 4, 6))])
    assert listed(data) == [("1", "a", 4, 7)]
    assert counts == {drop_reasons.REPEATED: 2, drop_reasons.REPLACED: 1}


def test_merge_does_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(0)
    rows = [
        (str(u), str(m), float(r), int(t)) for u, m, r, t in rng.integers(1, 6, (300, 4)).tolist()
    ]
    expected = merge([table(*rows)])
    for _ in range(3):
        rng.shuffle(rows)
        data, counts = merge([table(*rows[:100]), table(*rows[100:])])
        assert listed(data) == listed(expected[0])
        assert counts == expected[1]


def test_merge_of_no_rows_is_empty():
    data, counts = merge([table()])
    assert (len(data), data.users, data.movies, counts) == (0, [], [], {})


def weighted(*rows):
    weights = pa.array([float(row[4]) for row in rows], pa.float32())
    return table(*(row[:4] for row in rows)).append_column("weight", weights)


def test_merge_keeps_the_weight_of_the_newest_row():
    tables = [
        weighted(("1", "a", 5, 100, 2.0), ("1", "b", 3, 1, 0.5)),
        weighted(("1", "a", 1, 200, 7.0)),
    ]
    for order in (tables, tables[::-1]):
        data, counts = merge(order)
        assert listed(data) == [("1", "b", 3, 1), ("1", "a", 1, 200)]
        assert data.weight.tolist() == [0.5, 7.0]
        assert data.weight.dtype == np.float32
        assert counts == {drop_reasons.REPLACED: 1}


def test_merge_adds_weights_of_repeated_rows_up_or_counts_them():
    rows = [("1", "a", 5, 1, 2.0), ("1", "a", 3, 2, 3.0), ("1", "b", 4, 1, 1.0)]
    for repeats, weights in (("sum", [1.0, 5.0]), ("count", [1.0, 2.0]), ("last", [1.0, 3.0])):
        data, counts = merge([weighted(*rows)], MergeRules(repeats))
        # In the order of time: b, then a, whose newest rating and time count.
        assert (data.rating.tolist(), data.timestamp.tolist()) == ([4.0, 3.0], [1, 2])
        assert data.weight.tolist() == weights
        reason = drop_reasons.REPLACED if repeats == "last" else drop_reasons.JOINED
        assert counts == {reason: 1}


def test_merge_keeps_ratings_of_at_least_the_users_mean():
    rows = [("1", "a", 5, 1), ("1", "b", 3, 2), ("1", "c", 4, 3), ("2", "a", 2, 1)]
    data, counts = merge([table(*rows)], MergeRules(above_user_mean=True))
    kept = [(data.users[u], data.movies[m]) for u, m in zip(data.user, data.movie, strict=True)]
    assert kept == [("1", "a"), ("1", "c"), ("2", "a")]
    assert counts == {drop_reasons.NOT_POSITIVE: 1}


def test_merge_orders_times_that_do_not_fit_into_one_number():
    far = 2**62
    data, _ = merge([table(("1", "b", 5, far), ("1", "a", 5, -far), ("2", "a", 5, 0))])
    assert [data.movies[movie] for movie in data.movie] == ["a", "b", "a"]


def test_merge_of_rows_that_differ_in_weight_alone_keeps_the_largest():
    rows = [("1", "a", 5, 1, 2.0), ("1", "a", 5, 1, 3.0), ("1", "a", 5, 1, 3.0)]
    for order in (rows, rows[::-1]):
        data, counts = merge([weighted(*order)])
        assert data.weight.tolist() == [3.0]
        assert counts == {drop_reasons.REPEATED: 1, drop_reasons.REPLACED: 1}


def test_merge_without_weights_has_none():
    data, _ = merge([table(("1", "a", 5, 1))])
    assert data.weight is None
