"""Recommendations of the pushed model for one user, beside what that user rated best."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from components.contracts.example_readers import examples, read_titles, texts, to_text
from components.contracts.examples import MOVIE_ID, RATING, TITLE, USER_ID
from components.contracts.saved_model import SERVING_DEFAULT
from components.model_session import ModelSession, string_array


@dataclass(frozen=True)
class RecommendationSample:
    """One user's best-rated movies and recommendations.

    Attributes:
        user_id: Raw id.
        rated_best: Titles of the user's best-rated train movies, with the rating.
        recommended: Titles of the model's first recommendations.
    """

    user_id: str
    rated_best: list[tuple[str, float]]
    recommended: list[str]


def sample_user(model: Path, train: Path, movies: Path, count: int = 5) -> RecommendationSample:
    """Returns the recommendations of the model for the first user of train.

    The folders are those of the pushed SavedModel, the train Examples and the movie Examples.
    """
    user = next(examples(_files(train)))
    titles = read_titles(_files(movies))
    user_id = texts(user, USER_ID)[0]
    ratings = list(user.features.feature[RATING].float_list.value)
    rated = sorted(zip(ratings, texts(user, MOVIE_ID), strict=True), key=lambda pair: -pair[0])
    session = ModelSession(model, optimize=False)
    answer = session.call(SERVING_DEFAULT, {USER_ID: string_array([user_id])})
    return RecommendationSample(
        user_id,
        [(titles.get(movie, movie), rating) for rating, movie in rated[:count]],
        [to_text(title) for title in answer[TITLE][0, :count]],
    )


def _files(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.glob("*.gz"))
