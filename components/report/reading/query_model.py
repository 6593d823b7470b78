"""Queries the exported model for the lists that the page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from components.contracts.examples import MOVIE_ID, USER_ID
from components.contracts.saved_model import RECOMMEND_FROM_HISTORY, SERVING_DEFAULT, SIMILAR_MOVIES
from components.model_session import Arrays, ModelSession, string_array
from components.report.config import ReportConfig
from components.report.facts import MovieSample, QueryResults, Ratings, UserSample
from components.report.reading.examples import read_users, to_text
from components.report.reading.sampling import sample_movies, sample_users, spread

BATCH = 256


def query_model(
    model: str,
    ratings: Ratings,
    train_files: Sequence[str],
    eval_files: Sequence[str],
    config: ReportConfig,
) -> QueryResults:
    """Loads a model and queries it.

    Args:
        model: Folder of the SavedModel.
        ratings: Counted ratings, from which users and movies are sampled.
        train_files: User Examples of the split train.
        eval_files: The same of eval.
        config: Numbers of users and movies, length of the lists.
    """
    session = ModelSession(model, optimize=False)
    users = sample_users(ratings, config.sample_users)
    movies = sample_movies(ratings, config.sample_movies)
    measured = spread(ratings.users, config.measured_users)
    return QueryResults(
        users=query_users(session, users, train_files, eval_files, config.list_length),
        movies=query_movies(session, movies, config.list_length),
        recommended=count_recommended(session, measured, config.list_length),
        measured_users=len(measured),
        list_length=config.list_length,
    )


def query_users(
    session: ModelSession,
    users: Sequence[str],
    train_files: Sequence[str],
    eval_files: Sequence[str],
    length: int,
) -> list[UserSample]:
    """Returns users with their history, their held-out movies and the model's list."""
    train, held_out = read_users(train_files, users), read_users(eval_files, users)
    samples = []
    for user in users:
        example: dict[str, Any] = train[user]
        rated = list(zip(example["movies"], example["ratings"], strict=True))
        samples.append(
            UserSample(
                id=user,
                features=example["features"],
                history=sorted(rated, key=lambda pair: -pair[1]),
                held_out=frozenset(held_out.get(user, {}).get("movies", ())),
                recommended=[movie for movie, _ in recommend(session, [user], length)[0]],
                last=example["movies"][-1] if example["movies"] else "",
                before_last=recommend_before(session, example["movies"], length),
            )
        )
    return samples


def query_movies(session: ModelSession, movies: Sequence[str], length: int) -> list[MovieSample]:
    """Returns movies with those nearest to them."""
    if not movies:
        return []
    answer = session.call(SIMILAR_MOVIES, {MOVIE_ID: string_array(movies)})
    nearest = _lists(answer, length)
    return [MovieSample(movie, near) for movie, near in zip(movies, nearest, strict=True)]


def count_recommended(session: ModelSession, users: Sequence[str], length: int) -> dict[str, int]:
    """Returns how often each movie stands in the first `length` of the users' lists."""
    counts: Counter[str] = Counter()
    for start in range(0, len(users), BATCH):
        for row in recommend(session, users[start : start + BATCH], length):
            counts.update(movie for movie, _ in row)
    return dict(counts)


def recommend(
    session: ModelSession, users: Sequence[str], length: int
) -> list[list[tuple[str, float]]]:
    """Returns (movie, score) for each user, best first, as served."""
    return _lists(session.call(SERVING_DEFAULT, {USER_ID: string_array(users)}), length)


def recommend_before(session: ModelSession, movies: Sequence[str], length: int) -> list[str]:
    """Returns movies, best first, for a history without its last movie, oldest first."""
    asked = string_array(movies[:-1] or [""])[np.newaxis]
    answer = session.call(RECOMMEND_FROM_HISTORY, {MOVIE_ID: asked})
    return [movie for movie, _ in _lists(answer, length)[0]]


def _lists(answer: Arrays, length: int) -> list[list[tuple[str, float]]]:
    """Returns (movie, score) of each row without the empty tail of a list that is too short."""
    movies = answer["movie_id"][:, :length]
    scores = answer["score"][:, :length]
    return [
        [(to_text(movie), float(score)) for movie, score in zip(*row, strict=True) if movie]
        for row in zip(movies, scores, strict=True)
    ]
