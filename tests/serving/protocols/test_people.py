"""The API for people."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.serving.conftest import Serve, Served
from tests.serving.tiny_model import SEEN_BY_U0


def ids(movies: list[dict]) -> list[str]:
    return [movie["movie_id"] for movie in movies]


def test_recommendations_have_rank_title_year_genres_and_score(served: Served) -> None:
    answer = served.client.get("/users/u0/recommendations?k=2").json()
    assert answer["user_id"] == "u0"
    assert answer["known"] is True
    first, second = answer["recommendations"]
    assert first == {
        "rank": 1, "movie_id": "m0", "title": "Movie m0 (one)", "year": 2000,
        "genres": ["Drama"], "score": 0.0,
    }  # fmt: skip
    assert (second["rank"], second["movie_id"]) == (2, "m1")


def test_unknown_user_gets_popular_movies_and_is_told(served: Served) -> None:
    answer = served.client.get("/users/nobody/recommendations?k=2").json()
    assert answer["known"] is False
    assert ids(answer["recommendations"]) == ["m5", "m4"]
    # m5 has no line in the catalogue's file, and no year in its title.
    assert answer["recommendations"][0]["year"] is None


@pytest.mark.parametrize("user", ["u/2", "ü 3"])
def test_any_id_can_stand_in_an_address(served: Served, user: str) -> None:
    answer = served.client.get(f"/users/{quote(user, safe='')}/recommendations").json()
    assert (answer["user_id"], answer["known"]) == (user, True)


def test_excluded_movies_do_not_come(served: Served) -> None:
    answer = served.client.get("/users/u0/recommendations?k=5&exclude=m0&exclude=m3").json()
    assert ids(answer["recommendations"]) == ["m1", "m2", "m4", "m5"]


def test_history_in_movies_out(served: Served) -> None:
    body = {"history": ["m1"], "k": 3, "exclude": ["m2"]}
    answer = served.client.post("/recommendations", json=body).json()
    assert answer["known"] is True
    assert ids(answer["recommendations"]) == ["m0", "m3", "m4"]


def test_empty_history_gives_popular_movies(served: Served) -> None:
    answer = served.client.post("/recommendations", json={"history": [], "k": 1}).json()
    assert answer["known"] is False
    assert ids(answer["recommendations"]) == ["m5"]


def test_similar_movies_leave_out_the_movie(served: Served) -> None:
    answer = served.client.get("/movies/m0/similar?k=5").json()
    assert answer["movie"]["title"] == "Movie m0 (one)"
    assert ids(answer["similar"]) == ["m1", "m2", "m3", "m4", "m5"]


def test_seen_movies_come_newest_first(served: Served) -> None:
    answer = served.client.get("/users/u0/history?limit=1").json()
    assert answer["seen"] == len(SEEN_BY_U0)
    assert ids(answer["history"]) == [SEEN_BY_U0[-1]]
    nobody = served.client.get("/users/nobody/history").json()
    assert (nobody["known"], nobody["history"]) == (False, [])


def test_search_finds_words_of_titles_the_most_popular_first(served: Served) -> None:
    answer = served.client.get("/movies?search=MOVIE one&limit=2").json()
    assert ids(answer["movies"]) == ["m5", "m4"]
    assert served.client.get("/movies?search=m3").json()["movies"][0]["movie_id"] == "m3"
    assert served.client.get("/movies?search=no such").json()["movies"] == []


def test_users_are_found_by_how_their_id_begins(served: Served) -> None:
    assert served.client.get("/users?search=u&limit=2").json()["users"] == ["u0", "u1"]
    assert served.client.get("/users?search=ü").json()["users"] == ["ü 3"]


def test_model_says_what_the_runner_knows_of_the_version(serve: Serve) -> None:
    served = serve(describe=lambda version: {"pushed": f"when {version} was", "has_report": False})
    model = served.client.get("/model").json()
    assert (model["version"], model["pushed"]) == ("7", "when 7 was")
    assert (model["movies"], model["users"]) == (6, 4)


def test_report_is_shown_where_there_is_one(serve: Serve, tmp_path) -> None:
    report = tmp_path / "report.html"
    served = serve(report=report)
    assert served.client.get("/report").status_code == 404
    report.write_text("<h1>Report</h1>")
    answer = served.client.get("/report")
    assert answer.text == "<h1>Report</h1>"
    assert "script" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "sentence"),
    [
        ("GET", "/users/u0/recommendations?k=0", None, 422, "k: Input should be greater than"),
        ("GET", "/users/u0/recommendations?k=101", None, 422, "k: Input should be less than"),
        ("GET", "/users/u0/recommendations?k=ten", None, 422, "k: Input should be a valid integer"),
        ("GET", "/users//recommendations", None, 422, "user id: an id is empty"),
        ("GET", f"/users/{'x' * 513}/recommendations", None, 422, "user id: 'xxxx"),
        (
            "GET",
            "/users/u0/recommendations?exclude=",
            None,
            422,
            "exclude.0: String should have at least 1",
        ),
        (
            "GET",
            "/users/u0/recommendations?" + "exclude=a&" * 1001,
            None,
            422,
            "exclude: 1,001 ids are more than 1,000",
        ),
        ("GET", "/movies/nothing/similar", None, 404, "no movie 'nothing' in the catalogue"),
        ("GET", "/movies/%1b[31m/similar", None, 404, r"no movie '\x1b[31m' in the catalogue"),
        ("GET", f"/movies?search={'x' * 201}", None, 422, "search: String should have at most"),
        ("POST", "/recommendations", b"", 400, "JSON Parse error: The document is empty"),
        ("POST", "/recommendations", b"{}", 422, "history: Field required"),
        ("POST", "/recommendations", b'{"history": "m0"}', 422, "history: Input should be a valid"),
        (
            "POST",
            "/recommendations",
            b'{"history": [1]}',
            422,
            "history.0: Input should be a valid",
        ),
        ("POST", "/recommendations", b'{"history": [], "x": 1}', 422, "x: Extra inputs are not"),
        (
            "POST",
            "/recommendations",
            b'{"history": [""]}',
            422,
            "history.0: String should have at least 1",
        ),
        (
            "POST",
            "/recommendations",
            b'{"history": [], "features": {"age": "1"}}',
            404,
            "version 7 of the model has no recommend_from_profile",
        ),
        ("GET", "/nothing", None, 404, "nothing at /nothing; /docs lists what there is"),
        ("DELETE", "/model", None, 405, "DELETE is not possible here"),
    ],
)
def test_refusals_are_one_clear_sentence(
    served: Served, method: str, path: str, body: bytes | None, status: int, sentence: str
) -> None:
    response = served.client.request(method, path, content=body)
    assert response.status_code == status
    (error,) = response.json().values()
    assert error.startswith(sentence)
    assert error.isprintable()
    assert len(error) < 600
