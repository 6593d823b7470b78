"""The API for people: recommendations, similar movies, a search, and what is live."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from fastapi import Path as PathParameter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from components.contracts.examples import MOVIE_ID, USER_ID
from components.contracts.saved_model import (
    EXCLUDE_MOVIE_ID,
    KNOWN,
    MAX_K,
    RECOMMEND_FROM_HISTORY,
    RECOMMEND_FROM_PROFILE,
    SERVING_DEFAULT,
    SERVING_EXCLUDE,
    SIMILAR_MOVIES,
)
from components.errors import shown
from components.model_session import Signature
from serving import errors
from serving.http.json_format import json_response, parse_object
from serving.inference import Inference
from serving.model.served_model import ServedModel
from serving.protocols import people_schemas as schemas
from serving.protocols.csv_format import CSV, wants_csv, write_csv
from serving.protocols.descriptions import AS_CSV, ERRORS, body

Describe = Callable[[str], dict[str, Any]]
_SCORE = "score"
_TITLE = "title"
_MOST_FOUND = 100
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)

K = Annotated[int, Query(ge=1, le=MAX_K, description="Movies in the answer, at most.")]
Limit = Annotated[int, Query(ge=1, le=_MOST_FOUND, description="Results, at most.")]
Search = Annotated[
    str, Query(max_length=200, description="Words of the title; empty: the most popular.")
]
Prefix = Annotated[str, Query(max_length=200, description="How the id begins.")]
UserId = Annotated[str, PathParameter(description="Raw user id.")]
MovieId = Annotated[str, PathParameter(description="Raw movie id.")]
Exclude = Annotated[
    list[schemas.Id] | None,
    Query(description="Ids of movies that shall not come; may be repeated."),
]


class People:
    """Answers of the API, as plain objects.

    `describe` returns what is known of a version: `pushed`, `figures`, `copy_of`, `reason`.
    """

    def __init__(self, inference: Inference, describe: Describe) -> None:
        """Initializes the API."""
        self.inference, self._describe = inference, describe

    async def recommend(self, user_id: str, k: int, exclude: list[str]) -> dict[str, Any]:
        """Recommends what a user has not seen and does not exclude."""
        self._check_ids([user_id], "user id")
        self._check_ids(exclude, "exclude")
        model = self.inference.live_model()
        inputs = {USER_ID: _strings([user_id])}
        signature = SERVING_DEFAULT
        if exclude:
            signature = _required(model, SERVING_EXCLUDE)
            inputs[EXCLUDE_MOVIE_ID] = _strings(exclude)[np.newaxis]
        outputs = await self.inference.answer(model, signature, inputs, 1)
        return {
            "user_id": user_id,
            **_head(model, outputs),
            "recommendations": _movies(model, outputs, k),
        }

    async def recommend_from(self, asked: schemas.RecommendationRequest) -> dict[str, Any]:
        """Recommends from movies that someone liked, and features of that person."""
        self._check_ids(asked.history, "history")
        self._check_ids(asked.exclude, "exclude")
        self._check_ids(list(asked.features.values()), "features", may_be_empty=True)
        model = self.inference.live_model()
        signature = RECOMMEND_FROM_PROFILE if asked.features else RECOMMEND_FROM_HISTORY
        found = model.signatures[_required(model, signature)]
        history = _strings(asked.history or [""])[np.newaxis]
        inputs = {MOVIE_ID: history, **_features(asked.features, found)}
        outputs = await self.inference.answer(model, signature, inputs, 1)
        # The signature has no exclusions. Its list is longer than what is asked for as a rule.
        movies = _movies(model, outputs, asked.k, frozenset(asked.exclude))
        return {**_head(model, outputs), "recommendations": movies}

    async def similar(self, movie_id: str, k: int) -> dict[str, Any]:
        """Lists the movies that are nearest to one."""
        self._check_ids([movie_id], "movie id")
        model = self.inference.live_model()
        if len(model.catalogue) and movie_id not in model.catalogue:
            raise errors.not_found(f"no movie {shown(movie_id)} in the catalogue")
        signature = _required(model, SIMILAR_MOVIES)
        inputs = {MOVIE_ID: _strings([movie_id])}
        outputs = await self.inference.answer(model, signature, inputs, 1)
        return {
            "movie": vars(model.catalogue.movie(movie_id)),
            **_head(model, outputs),
            "similar": _movies(model, outputs, k),
        }

    def history(self, user_id: str, limit: int) -> dict[str, Any]:
        """Lists the newest movies that a user has seen."""
        self._check_ids([user_id], "user id")
        model = self.inference.live_model()
        rows = model.histories.rows(user_id)
        movies = [vars(model.catalogue.movies[row]) for row in rows[::-1][:limit]]
        return {
            "user_id": user_id,
            "known": user_id in model.histories,
            "model_version": model.version,
            "seen": len(rows),
            "history": movies,
        }

    def movies(self, search: str, limit: int) -> dict[str, Any]:
        """Finds movies by words of their titles."""
        model = self.inference.live_model()
        found = model.catalogue.search(search, limit)
        return {"model_version": model.version, "movies": [vars(one) for one in found]}

    def users(self, search: str, limit: int) -> dict[str, Any]:
        """Finds users whose id begins with a text."""
        model = self.inference.live_model()
        return {"model_version": model.version, "users": model.histories.search(search, limit)}

    def model(self) -> dict[str, Any]:
        """Says which version is live, since when, with which figures."""
        model = self.inference.live_model()
        failed = self.inference.holder.failed
        return {
            "name": self.inference.name,
            "version": model.version,
            "since": model.since.isoformat(timespec="seconds"),
            "movies": len(model.catalogue),
            "users": len(model.histories.users),
            "failed_version": failed.version if failed else None,
            **self._describe(model.version),
        }

    def _check_ids(self, ids: list[str], what: str, may_be_empty: bool = False) -> None:
        most, longest = self.inference.config.max_list_length, self.inference.config.max_id_bytes
        if len(ids) > most:
            raise errors.unprocessable(f"{what}: {len(ids):,} ids are more than {most:,}")
        for text in ids:
            if not text and not may_be_empty:
                raise errors.unprocessable(f"{what}: an id is empty")
            if len(text.encode("utf-8", "replace")) > longest:
                problem = f"{shown(text, 40)} is longer than {longest:,} bytes"
                raise errors.unprocessable(f"{what}: {problem}")


def _strings(texts: list[str]) -> np.ndarray:
    """Returns texts as bytes objects [n]."""
    array = np.empty(len(texts), object)
    array[:] = [text.encode("utf-8", "replace") for text in texts]
    return array


def _required(model: ServedModel, signature: str) -> str:
    """Returns the name of a signature, if the model has it."""
    if signature not in model.signatures:
        raise errors.not_found(f"version {model.version} of the model has no {signature}")
    return signature


def _features(given: dict[str, str], signature: Signature) -> dict[str, np.ndarray]:
    """Returns an input for each user feature of the model; what is not given is ""."""
    names = [name for name in signature.inputs if name != MOVIE_ID]
    for name in given:
        if name not in names:
            raise errors.unprocessable(
                f"features: the model has no {shown(name)}; there are {', '.join(names)}"
            )
    return {name: _strings([given.get(name, "")]) for name in names}


def _head(model: ServedModel, outputs: dict[str, np.ndarray]) -> dict[str, Any]:
    known = outputs.get(KNOWN)
    return {
        "known": None if known is None else bool(known[0]),
        "model_version": model.version,
    }


def _movies(
    model: ServedModel,
    outputs: dict[str, np.ndarray],
    k: int,
    without: frozenset[str] = frozenset(),
) -> list[dict[str, Any]]:
    """Returns the first k movies of the only row; a list that ran out ends with ""."""
    movies: list[dict[str, Any]] = []
    columns = (outputs[name][0].tolist() for name in (MOVIE_ID, _TITLE, _SCORE))
    for raw_id, raw_title, score in zip(*columns, strict=True):
        if len(movies) == k or not raw_id:
            break
        movie_id = raw_id.decode("utf-8", "replace")
        if movie_id not in without:
            movie = model.catalogue.movie(movie_id, raw_title.decode("utf-8", "replace"))
            movies.append({"rank": len(movies) + 1, **vars(movie), _SCORE: score})
    return movies


def people_routes(inference: Inference, describe: Describe, report: Path | None) -> APIRouter:
    """Returns the routes of `People`, and of the HTML report of the newest run, if there is one."""
    people = People(inference, describe)
    router = APIRouter(tags=["For people"], responses=ERRORS)

    @router.get(
        "/users/{user_id:path}/recommendations",
        summary="What a user has not seen and may like",
        response_model=schemas.UserRecommendations,
        responses=AS_CSV,
    )
    async def recommend(
        request: Request, user_id: UserId, k: K = 10, exclude: Exclude = None
    ) -> Response:
        answer = await people.recommend(user_id, k, exclude or [])
        return _list_response(request, answer, "recommendations")

    @router.get(
        "/users/{user_id:path}/history",
        summary="What a user has seen, the newest first",
        response_model=schemas.UserHistory,
        responses=AS_CSV,
    )
    async def history(request: Request, user_id: UserId, limit: Limit = 20) -> Response:
        return _list_response(request, people.history(user_id, limit), "history")

    @router.get(
        "/users", summary="Users by the beginning of their id", response_model=schemas.Users
    )
    async def users(search: Prefix = "", limit: Limit = 20) -> Response:
        return json_response(people.users(search, limit))

    @router.post(
        "/recommendations",
        summary="Recommendations from movies that someone liked",
        response_model=schemas.Recommendations,
        responses=AS_CSV,
        openapi_extra=body(schemas.RecommendationRequest.model_json_schema(), {"history": ["1"]}),
    )
    async def recommend_from(request: Request) -> Response:
        document = parse_object(await request.body())
        answer = await people.recommend_from(schemas.read_request(document))
        return _list_response(request, answer, "recommendations")

    @router.get(
        "/movies/{movie_id:path}/similar",
        summary="The movies that are nearest to one",
        response_model=schemas.SimilarMovies,
        responses=AS_CSV,
    )
    async def similar(request: Request, movie_id: MovieId, k: K = 10) -> Response:
        return _list_response(request, await people.similar(movie_id, k), "similar")

    @router.get("/movies", summary="Movies by words of the title", response_model=schemas.Movies)
    async def movies(search: Search = "", limit: Limit = 20) -> Response:
        live = inference.holder.live
        work = len(live.catalogue) if live else 0
        found = await inference.convert(lambda: people.movies(search, limit), size=work)
        return json_response(found)

    @router.get("/model", summary="Which version is live", response_model=schemas.LiveModel)
    async def model() -> Response:
        return json_response(people.model())

    @router.get(
        "/report", summary="The report of the newest run, as HTML", response_class=HTMLResponse
    )
    async def show_report() -> Response:
        if report is None or not report.is_file():
            raise errors.not_found("there is no report here")
        headers = {"Content-Security-Policy": _REPORT_POLICY}
        return Response(report.read_bytes(), headers=headers, media_type="text/html")

    return router


def _list_response(request: Request, answer: dict[str, Any], key: str) -> Response:
    """Returns an answer as JSON, or the list in it as CSV where the client wants that."""
    if not wants_csv(request.headers.get("accept", "")):
        return json_response(answer)
    headers = {
        "X-Model-Version": answer["model_version"],
        "Content-Disposition": f'attachment; filename="{key}.csv"',
    }
    return Response(write_csv(answer[key]), headers=headers, media_type=CSV)
