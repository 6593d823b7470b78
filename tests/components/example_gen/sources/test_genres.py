"""Genres out of every way to list them, and a warning where they cannot be genres."""

from __future__ import annotations

import pytest

from components.example_gen.sources.genres import genre_warnings, separator_of, split_genres

TWO = ("Drama", "Science Fiction")


@pytest.mark.parametrize(
    ("text", "genres"),
    [
        ("Comedy|Drama", ("Comedy", "Drama")),
        (" Comedy | |Comedy", ("Comedy",)),
        ("(no genres listed)", ()),
        ("unknown", ()),
        ("\\N", ()),
        ("", ()),
        ("Comedy, Romantic|Drama", ("Comedy, Romantic", "Drama")),
        ('[{"id": 18, "name": "Drama"}, {"id": 878, "name": "Science Fiction"}]', TWO),
        ("[{'id': 18, 'name': 'Drama'}, {'id': 878, 'name': 'Science Fiction'}]", TWO),
        ('["Drama", "Science Fiction"]', TWO),
        ("['Drama', 'Science Fiction']", TWO),
        ("[Drama, Science Fiction]", TWO),
        ("{Drama,Science Fiction}", TWO),
        ('{Drama,"Science Fiction"}', TWO),
        ("{'Science Fiction', 'Drama'}", TWO[::-1]),
        ('{"id": 18, "name": "Drama"}', ("Drama",)),
        ('["Children\'s"]', ("Children's",)),
        ('["R&B, live"]', ("R&B, live",)),
        ("[]", ()),
        ("{}", ()),
        ('[{"id": 18}, null, 7]', ()),
        ("[", ("[",)),
    ],
)
def test_split_genres(text: str, genres: tuple[str, ...]) -> None:
    assert split_genres(text) == genres


def test_split_genres_evaluates_nothing() -> None:
    # An expression is no literal: it is taken for names between brackets.
    assert split_genres("[print(1)]") == ("print(1)",)


def test_split_genres_of_a_huge_or_deep_literal_ends() -> None:
    assert split_genres("[" * 4000 + "]" * 4000) == ()
    assert len(split_genres(str([f"g{number}" for number in range(5000)]))) == 5000


@pytest.mark.parametrize("separator", ["|", ";", ",", "/"])
def test_separator_of_a_column(separator: str) -> None:
    column = ["Drama", separator.join(TWO), "", '["Other, kind", "A|B"]']
    assert separator_of(column) == separator
    assert split_genres(f"Drama{separator} Science Fiction", separator_of(column)) == TWO


def test_separator_of_the_first_kind_that_occurs_anywhere() -> None:
    # What comes later in SEPARATORS is part of a name.
    assert separator_of(["Sci-Fi/Fantasy, Drama"]) == ","
    assert separator_of(["Comedy, Romantic", "War|Drama"]) == "|"


def test_separator_of_a_column_without_lists() -> None:
    assert separator_of([]) == separator_of(["Drama", "War"]) == "|"


def test_genre_warnings_where_nearly_no_two_movies_share_one() -> None:
    # 20 movies with 11 genres: more than half as many; with 10 it is exactly half.
    eleven = [[f"g{min(movie, 10)}"] for movie in range(20)]
    ten = [[f"g{min(movie, 9)}"] for movie in range(20)]
    (warning,) = genre_warnings(eleven)
    assert "20 movies have 11 different genres" in warning
    assert "'g0'" in warning
    assert genre_warnings(ten) == []


def test_genre_warnings_count_movies_with_genres_only() -> None:
    assert genre_warnings([["a"], ["b"], *[[]] * 50]) == []
    assert genre_warnings([[f"g{movie}"] for movie in range(19)]) == []
