from __future__ import annotations

import dataclasses

import pytest

from components.report.facts import Facts
from components.report.sections import popularity


def test_part_shares_of_tenths() -> None:
    movies = [str(number) for number in range(20)]  # two movies in each tenth
    actual = popularity.part_shares(movies, {"0": 2, "1": 1, "19": 1, "unknown": 9})
    # 3 of 4 in the first tenth, 1 of 4 in the last; what is no movie of the list does not count.
    assert actual == [0.75, *[0.0] * 8, 0.25]


@pytest.mark.parametrize("movies", [[], ["a"]])
def test_part_shares_of_few_movies(movies: list[str]) -> None:
    assert sum(popularity.part_shares(movies, {"a": 2})) == len(movies)


def test_key_figures_count_movies_that_are_recommended(facts: Facts) -> None:
    section = popularity.popularity(facts)
    figures = {name: (value, detail) for name, value, detail in section.blocks[0].items}
    # m1 and m2 of the four movies.
    assert figures["Coverage, first 2"] == ("50.0 %", "2 of 4 movies, for these users")


def test_popularity_not_asked_for(facts: Facts) -> None:
    without = dataclasses.replace(facts, query_results=None, problems={"query_results": "no model"})
    (note,) = popularity.popularity(without).blocks
    assert note.text == "Not measured: no model"
