"""Lists as CSV: unchanged but for what a spreadsheet would calculate."""

from __future__ import annotations

import csv
import io

import pytest

from serving.protocols.csv_format import plain_cell, wants_csv, write_csv
from tests.hostile.texts import WITH_NUL
from tests.serving.conftest import Served

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1", "=cmd|' /C calc'!A0")
HOSTILE = (*WITH_NUL.values(), *FORMULAS)


def movie(title: str) -> dict:
    return {"movie_id": title, "title": title, "year": None, "genres": ["Drama", "=x"]}


def parse(content: bytes) -> list[dict[str, str]]:
    # newline="": line ends inside of a cell stay what they are. Cells may be long.
    csv.field_size_limit(1 << 20)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_formula_is_text(text: str) -> None:
    assert plain_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula_and_nothing_else_changes(text: str) -> None:
    if "\0" in text:
        pytest.skip("Python 3.10 reads no CSV with NUL; it is written as it is")
    (row,) = parse(write_csv([movie(text)]))
    readable = text.encode("utf-8", "replace").decode()
    assert row["title"] in (readable, f"'{readable}")
    assert not row["title"].lstrip().startswith(tuple("=+-@"))
    assert row["genres"] == "Drama|=x"
    assert "score" not in row


def test_numbers_stay_numbers() -> None:
    (row,) = parse(write_csv([{**movie("a"), "rank": 1, "year": 1999, "score": -2.5}]))
    assert (row["rank"], row["year"], row["score"]) == ("1", "1999", "-2.5")


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [("text/csv", True), ("Text/CSV; q=0.9", True), ("*/*", False), ("", False),
     ("application/json, text/csv", False)],
)  # fmt: skip
def test_client_says_what_it_wants(accept: str, wanted: bool) -> None:
    assert wants_csv(accept) is wanted


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/users/u0/recommendations?k=2", ["1", "m0", "Movie m0 (one)", "2000", "Drama", "-0.0"]),
        ("/users/u0/history", ["m3", "Movie m3 (one)", "2000", "Drama"]),
        ("/movies/m1/similar?k=1", ["1", "m0", "Movie m0 (one)", "2000", "Drama", "-0.0"]),
    ],
)
def test_lists_come_as_csv(served: Served, path: str, first: list[str]) -> None:
    response = served.client.get(path, headers={"Accept": "text/csv"})
    assert response.headers["content-type"].startswith("text/csv")
    assert response.headers["x-model-version"] == "7"
    assert list(parse(response.content)[0].values()) == first


def test_list_from_a_history_comes_as_csv(served: Served) -> None:
    body = {"history": ["m1"], "k": 2}
    response = served.client.post("/recommendations", json=body, headers={"Accept": "text/csv"})
    assert [row["movie_id"] for row in parse(response.content)] == ["m0", "m2"]
