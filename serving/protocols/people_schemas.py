"""What the API for people takes and gives."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from components.contracts.saved_model import MAX_K
from components.errors import shown
from serving import errors

Id = Annotated[str, StringConstraints(min_length=1)]


class RecommendationRequest(BaseModel):
    """Movies that someone liked."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    history: list[Id] = Field(description="Ids of movies, oldest first; there may be none.")
    k: int = Field(10, ge=1, le=MAX_K, description="Movies in the answer, at most.")
    exclude: list[Id] = Field([], description="Ids of movies that shall not come.")
    features: dict[str, str] = Field(
        {}, description="User features, such as gender, where the model was trained with them."
    )


class Movie(BaseModel):
    """A movie."""

    movie_id: str
    title: str
    year: int | None
    genres: list[str]


class RankedMovie(Movie):
    """A movie of a list."""

    rank: int = Field(description="From 1.")
    score: float = Field(description="Comparable within one list only.")


class _Answer(BaseModel):
    model_config = ConfigDict(protected_namespaces=())

    model_version: str


class Recommendations(_Answer):
    """A list of recommendations."""

    known: bool | None = Field(
        description="False: the model knows nothing of what was asked about, and the list is of "
        "popular movies; null: the model is too old to say."
    )
    recommendations: list[RankedMovie]


class UserRecommendations(Recommendations):
    """Recommendations for a user."""

    user_id: str


class SimilarMovies(_Answer):
    """Movies near another."""

    movie: Movie
    known: bool | None
    similar: list[RankedMovie]


class UserHistory(_Answer):
    """What a user has seen in the data that the model was trained on."""

    user_id: str
    known: bool
    seen: int = Field(description="Movies in all.")
    history: list[Movie]


class Users(_Answer):
    """Ids of users."""

    users: list[str]


class Movies(_Answer):
    """Movies."""

    movies: list[Movie]


class Figure(BaseModel):
    """A figure of the model beside the same figure of the most popular movies."""

    name: str
    model: float
    popularity: float


class LiveModel(BaseModel):
    """The live version."""

    name: str
    version: str
    since: str = Field(description="When this server began to serve it.")
    movies: int
    users: int
    failed_version: str | None = Field(description="A newer version that could not be loaded.")
    pushed: str | None = None
    copy_of: str | None = None
    reason: str | None = None
    figures: list[Figure] = []
    has_report: bool = False


def read_request(document: dict[str, Any]) -> RecommendationRequest:
    """Returns the typed body of a request.

    Raises:
        RefusedRequest: 422; one sentence about the first value that is wrong.
    """
    try:
        return RecommendationRequest.model_validate(document)
    except ValidationError as error:
        raise errors.unprocessable(first_problem(error.errors())) from None


def first_problem(problems: Any) -> str:
    """Returns one sentence on the first problem that pydantic found."""
    first = problems[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("query", "path", "body"))
    what = shown(first["msg"], 300, quote=False)
    return f"{shown(where, 100, quote=False)}: {what}, not {shown(first.get('input'), 100)}"
