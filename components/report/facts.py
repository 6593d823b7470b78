"""The facts of a report: plain data, independent of the files it was read from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from components.drift.result import Measure
from components.evaluator.result import EvaluationResult
from components.serving_check.result import ServingCheckResult


@dataclass(frozen=True)
class Ratings:
    """The train ratings, counted.

    Attributes:
        users: User ids in the order of the Examples.
        by_user: Ratings of each of them.
        by_movie: Ratings of each movie that has any.
        titles: Title of each movie of the catalogue, rated or not.
    """

    users: list[str]
    by_user: list[int]
    by_movie: dict[str, int]
    titles: dict[str, str]

    def title(self, movie: str) -> str:
        """Returns a movie's title, or its id where it has none."""
        return self.titles.get(movie) or movie

    def movies_by_popularity(self) -> list[str]:
        """Returns the catalogue and whatever else is rated, most ratings first, ties by id."""
        every = {**dict.fromkeys(self.titles, 0), **self.by_movie}
        return sorted(every, key=lambda movie: (-every[movie], movie))


@dataclass(frozen=True)
class UserSample:
    """A user and what the model recommends.

    Attributes:
        id: User id.
        features: Gender, age and so on, where known.
        history: (movie, rating) of train, best rated first.
        held_out: Movies of the eval split.
        recommended: Movies, best first.
        last: The movie of train that was watched last; "" for none.
        before_last: Movies that are recommended to a history without it, best first.
    """

    id: str
    features: dict[str, str]
    history: list[tuple[str, float]]
    held_out: frozenset[str]
    recommended: list[str]
    last: str
    before_last: list[str]


@dataclass(frozen=True)
class MovieSample:
    """A movie and those nearest to it, with their cosine similarity."""

    id: str
    nearest: list[tuple[str, float]]


@dataclass(frozen=True)
class QueryResults:
    """Lists that the model returned.

    Attributes:
        users: A few users.
        movies: A few movies.
        recommended: How often each movie stands in the lists of many users.
        measured_users: Number of those users.
        list_length: Length of the lists.
    """

    users: list[UserSample]
    movies: list[MovieSample]
    recommended: dict[str, int]
    measured_users: int
    list_length: int


@dataclass(frozen=True)
class InputArtifact:
    """An input artifact of the report."""

    key: str
    type: str
    id: int
    uri: str


@dataclass(frozen=True)
class Facts:
    """All that is known of a run; what could not be read is None, and `problems` says why.

    Attributes:
        pipeline: Pipeline name.
        written: When the report was written, UTC.
        summary: ExampleGen's summary.json.
        span: Span of the data; 0 where the data have none.
        anomalies: What is wrong with the data, one line each.
        drift: Comparisons with the data of the live model; none where nothing is live.
        trials: The Tuner's trials.json; None where there was no search.
        history: The Trainer's history.json.
        verdict: What the Evaluator measured and decided.
        check: Result of the serving check.
        live_version: Version that is live; empty if none is.
        ratings: The train ratings, counted.
        query_results: Lists that the model returned.
        artifacts: Lineage.
        versions: Package → version.
        problems: Name of a missing part → why it is missing.
    """

    pipeline: str
    written: str = ""
    summary: dict[str, Any] | None = None
    span: int = 0
    anomalies: list[str] | None = None
    drift: list[Measure] | None = None
    trials: dict[str, Any] | None = None
    history: dict[str, Any] | None = None
    verdict: EvaluationResult | None = None
    check: ServingCheckResult | None = None
    live_version: str = ""
    ratings: Ratings | None = None
    query_results: QueryResults | None = None
    artifacts: list[InputArtifact] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def why_not_queried(self) -> str:
        """Why there are no `query_results` to show."""
        return self.problems.get("query_results") or self.problems.get("ratings") or "turned off"
