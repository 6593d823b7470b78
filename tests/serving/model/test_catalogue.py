"""The movies of a model, found by words of their titles."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from serving.model.catalogue import read_catalogue
from serving.model.variables import Variables


class FakeVariables(dict[str, np.ndarray]):
    """Variables that are no file."""

    def read(self, name: str) -> np.ndarray:
        return self[name]


def read(tmp_path: Path, **variables: Any) -> Any:
    arrays = {name.replace("__", "/", 1): np.array(value) for name, value in variables.items()}
    return read_catalogue(cast("Variables", FakeVariables(arrays)), tmp_path)


IDS, TITLES = [b"1", b"2", b"3"], [b"One", b"The Two (1999)", b"One \xc3\xa9 (2001)"]


@pytest.mark.parametrize(
    "order",
    [{"popular___rows": [2, 0, 1]}, {"popularity": [-2.0, -3.0, -1.0]}],
    ids=["order", "older models"],
)
def test_search_lists_the_most_popular_first(tmp_path: Path, order: dict[str, list]) -> None:
    catalogue = read(tmp_path, movie_ids=IDS, titles=TITLES, **order)
    assert [movie.movie_id for movie in catalogue.search("", 9)] == ["3", "1", "2"]
    assert [movie.movie_id for movie in catalogue.search("ONE", 1)] == ["3"]


def test_year_comes_from_the_title_where_no_file_tells(tmp_path: Path) -> None:
    catalogue = read(tmp_path, movie_ids=IDS, titles=TITLES)
    assert [movie.year for movie in catalogue.movies] == [None, 1999, 2001]
    assert [movie.movie_id for movie in catalogue.search("e", 9)] == ["1", "2", "3"]


def test_model_without_titles_has_no_catalogue(tmp_path: Path) -> None:
    assert len(read(tmp_path, movie_ids=IDS)) == 0
