"""A synthetic data set in the layout of MovieLens-1M, for runs without data, tests and benchmarks.

Nothing in it is real: titles, users and ratings are drawn from a seeded random generator. Tastes
are planted, so that a model can learn them: every movie belongs to one of a few circles, and every
user likes one circle most, a second one a little, and what is popular everywhere.

    python -m pipeline.sample_data FOLDER --users 2000 --movies 1000 --ratings 150000
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sample_data.tastes import TASTE, Tastes
from pipeline.sample_data.titles import CIRCLES, compose_titles

VERSION = 1  # of the generator: raise it when the same spec gives other files
MIN_RATINGS = 20
SPEC_FILE = "sample.json"
FILES = ("ratings.dat", "movies.dat", "users.dat")

# Shares of the ratings 1 to 5 and the ages and their shares resemble MovieLens-1M's.
RATING_SHARES = (0.056, 0.108, 0.261, 0.349, 0.226)
AGES = (1, 18, 25, 35, 45, 50, 56)
AGE_SHARES = (0.04, 0.18, 0.35, 0.20, 0.09, 0.08, 0.06)
OCCUPATIONS = 21

START = 1_577_836_800  # 2020-01-01 UTC
DAYS = 1_000
SESSIONS = 6
_DAY = 86_400
_CHUNK = 1 << 20


@dataclass(frozen=True)
class SampleSpec:
    """What to generate.

    Attributes:
        users: Number of users, each with at least MIN_RATINGS ratings.
        movies: Number of movies in the catalogue.
        ratings: Number of ratings.
        seed: Another seed gives another data set.
        unrated_share: Share of the movies that nobody has rated.
    """

    users: int = 2_000
    movies: int = 1_000
    ratings: int = 150_000
    seed: int = 42
    unrated_share: float = 0.05

    def __post_init__(self) -> None:
        rated = self.rated_movies
        if min(self.users, self.movies) < 1 or rated < 2 * MIN_RATINGS:
            raise ValueError(
                f"{self.users} users and {self.movies} movies are too few: at least 1 user and "
                f"{2 * MIN_RATINGS} rated movies are needed"
            )
        low, high = self.users * MIN_RATINGS, self.users * self.max_ratings
        if not low <= self.ratings <= high:
            raise ValueError(
                f"{self.ratings} ratings do not fit {self.users} users and {self.movies} movies: "
                f"{low} to {high} are possible"
            )

    @property
    def rated_movies(self) -> int:
        """Number of movies that may be rated."""
        return self.movies - int(self.movies * self.unrated_share)

    @property
    def max_ratings(self) -> int:
        """Largest number of ratings of one user."""
        return self.rated_movies // 2


@dataclass(frozen=True)
class Sample:
    """A generated data set. `user` and `movie` are indices; the id of user index u is u + 1.

    Attributes:
        movie_ids: int64 [movies], ascending.
        titles: [movies], with the year at the end.
        genres: [movies], joined with "|".
        tastes: What is planted.
        genders, ages, occupations, zip_codes: [users], as text.
        user, movie: int64 [ratings], indices; sorted by user.
        rating: int64 [ratings], 1 to 5.
        timestamp: int64 [ratings], seconds since 1970.
    """

    movie_ids: np.ndarray
    titles: list[str]
    genres: list[str]
    tastes: Tastes
    genders: np.ndarray
    ages: np.ndarray
    occupations: np.ndarray
    zip_codes: np.ndarray
    user: np.ndarray
    movie: np.ndarray
    rating: np.ndarray
    timestamp: np.ndarray


def _activity(rng: np.random.Generator, spec: SampleSpec) -> np.ndarray:
    """Returns the number of ratings of each user, long-tailed; int64 [users]."""
    extra = spec.ratings - spec.users * MIN_RATINGS
    limit = spec.max_ratings - MIN_RATINGS
    weight = rng.lognormal(0.0, 1.1, spec.users)
    share = np.zeros(spec.users)
    for _ in range(30):  # ratings beyond the limit of some users go to the others
        free = share < limit
        left = extra - share.sum()
        if left < 1 or not free.any():
            break
        share[free] = np.minimum(share[free] + left * weight[free] / weight[free].sum(), limit)
    counts = np.floor(share).astype(np.int64)
    open_users = np.flatnonzero(counts < limit)
    while (missing := extra - counts.sum()) > 0:
        counts[open_users[:missing]] += 1
        open_users = np.flatnonzero(counts < limit)
    return counts + MIN_RATINGS


def _popularity(rng: np.random.Generator, spec: SampleSpec) -> np.ndarray:
    """Returns how often each movie is drawn, relative to others: long-tailed, 0 for the unrated."""
    weight = rng.lognormal(0.0, 1.2, spec.movies)
    weight[rng.permutation(spec.movies)[spec.rated_movies :]] = 0.0
    return weight


class _Sampler:
    """Draws movies from one circle, or from all, in proportion to their popularity."""

    def __init__(self, circle: np.ndarray, weight: np.ndarray) -> None:
        self.movies = len(circle)
        self._order = np.argsort(circle, kind="stable")
        cumulative = np.cumsum(weight[self._order])
        ends = np.searchsorted(circle[self._order], np.arange(len(CIRCLES) + 1))
        edges = np.concatenate([[0.0], cumulative])[ends]
        self._cumulative = cumulative
        self._low = np.append(edges[:-1], 0.0)
        self._high = np.append(edges[1:], cumulative[-1])

    def draw(self, rng: np.random.Generator, circle: np.ndarray) -> np.ndarray:
        """Returns a movie for each circle, or for len(CIRCLES) one of all circles; int64 [n]."""
        low, high = self._low[circle], self._high[circle]
        weight = low + (high - low) * rng.random(len(circle))
        return self._order[np.searchsorted(self._cumulative, weight, side="right")]


def _distinct(key: np.ndarray, keep: np.ndarray, movies: int) -> np.ndarray:
    """Returns each user's first `keep[user]` distinct keys (user * movies + movie), by user."""
    _, first = np.unique(key, return_index=True)
    key = key[np.sort(first)]
    key = key[np.argsort(key // movies, kind="stable")]
    user = key // movies
    rank = np.arange(len(key)) - np.searchsorted(user, user)
    return key[rank < keep[user]]


def _draw_for(
    rng: np.random.Generator, counts: np.ndarray, taste: np.ndarray, sampler: _Sampler
) -> np.ndarray:
    """Draws `counts[user]` different movies for each user; keys (see _distinct), by user."""
    movies = sampler.movies
    choices = np.column_stack([taste, np.full(len(taste), len(CIRCLES))])
    complete: list[np.ndarray] = []
    key = np.empty(0, np.int64)
    missing = counts.copy()
    for round_number in itertools.count():
        user = np.repeat(np.arange(len(counts)), 2 * missing)
        # For users who have rated nearly all of a circle: from the fifth round on from all movies.
        pick = rng.choice(3, len(user), p=TASTE) if round_number < 4 else np.full(len(user), 2)
        movie = sampler.draw(rng, choices[user, pick])
        key = _distinct(np.concatenate([key, user * movies + movie]), counts, movies)
        drawn = np.bincount(key // movies, minlength=len(counts))
        missing = np.where(drawn > 0, counts - drawn, 0)  # complete users have no keys any more
        incomplete = missing[key // movies] > 0
        complete.append(key[~incomplete])
        key = key[incomplete]
        if not missing.any():
            break
    keys = np.concatenate(complete)
    return keys[np.argsort(keys // movies, kind="stable")]


def _interactions(
    rng: np.random.Generator, counts: np.ndarray, taste: np.ndarray, sampler: _Sampler
) -> tuple[np.ndarray, np.ndarray]:
    """Draws for each user as many different movies as `counts` says; int64 [ratings] each.

    Goes through the users in groups of about a million ratings, which sort faster than all at once.
    """
    group = np.cumsum(counts) // _CHUNK
    edges = np.searchsorted(group, np.arange(group[-1] + 2))
    keys = [
        _draw_for(rng, counts[low:high], taste[low:high], sampler) + low * sampler.movies
        for low, high in itertools.pairwise(edges)
    ]
    user, movie = np.divmod(np.concatenate(keys), sampler.movies)
    return user, movie


def _ratings(
    rng: np.random.Generator, user: np.ndarray, movie: np.ndarray, tastes: Tastes
) -> np.ndarray:
    """Rates 1 to 5 by the movie's quality, the user's mood and taste, noise; int64 [ratings]."""
    circle, taste = tastes.circle, tastes.taste
    quality = rng.normal(0.0, 0.5, len(circle))
    mood = rng.normal(0.0, 0.4, len(taste))
    liked = np.where(circle[movie] == taste[user, 0], 0.7, 0.0)
    liked += np.where(circle[movie] == taste[user, 1], 0.35, 0.0)
    score = quality[movie] + mood[user] + liked + rng.normal(0.0, 0.8, len(user))
    edges = np.quantile(score, np.cumsum(RATING_SHARES)[:-1])
    return np.searchsorted(edges, score) + 1


def _timestamps(rng: np.random.Generator, user: np.ndarray, users: int) -> np.ndarray:
    """Users join over the years and rate in sessions, mostly the first; int64 [ratings]."""
    joined = START + (DAYS * _DAY * np.sqrt(rng.random(users))).astype(np.int64)
    gaps = rng.exponential(25 * _DAY, (users, SESSIONS)).astype(np.int64)
    gaps[:, 0] = 0
    begins = joined[:, None] + np.cumsum(gaps, axis=1)
    session = np.minimum(rng.geometric(0.55, len(user)) - 1, SESSIONS - 1)
    return begins[user, session] + rng.integers(0, 5_400, len(user))


def _classes(
    rng: np.random.Generator, circle: np.ndarray, base: Sequence[float], deviation: float
) -> np.ndarray:
    """Draws a class for each user; its odds depend on the user's circle; int64 [users].

    Args:
        rng: Source of random numbers.
        circle: int64 [users].
        base: Odds of each class.
        deviation: Standard deviation of the logarithm of the odds between circles.
    """
    factor = np.exp(deviation * rng.normal(0.0, 1.0, (len(CIRCLES), len(base))))
    odds = np.asarray(base) * factor[circle]
    cumulative = np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)
    return (rng.random((len(circle), 1)) > cumulative).sum(axis=1).clip(0, len(base) - 1)


def _plant(rng: np.random.Generator, spec: SampleSpec) -> tuple[Tastes, list[str], list[str]]:
    """Returns the tastes, and titles and genres of the movies, which tell their circles."""
    circle = rng.permutation(np.arange(spec.movies) % len(CIRCLES))
    weight = _popularity(rng, spec)
    titles, genres = compose_titles(rng, circle)
    first = rng.integers(0, len(CIRCLES), spec.users)
    second = (first + rng.integers(1, len(CIRCLES), spec.users)) % len(CIRCLES)
    return Tastes(circle, weight, np.column_stack([first, second])), titles, genres


def planted_tastes(spec: SampleSpec) -> Tastes:
    """Returns the tastes of a data set without generating its ratings."""
    return _plant(_generator(spec), spec)[0]


def _generator(spec: SampleSpec) -> np.random.Generator:
    return np.random.default_rng([spec.seed, VERSION])


def generate(spec: SampleSpec) -> Sample:
    """Generates a data set; the same spec always gives the same one."""
    rng = _generator(spec)
    tastes, titles, genres = _plant(rng, spec)
    first = tastes.taste[:, 0]
    counts = _activity(rng, spec)
    sampler = _Sampler(tastes.circle, tastes.weight)
    user, movie = _interactions(rng, counts, tastes.taste, sampler)
    numbers = np.arange(1, spec.movies + spec.movies // 50 + 1)
    return Sample(
        movie_ids=np.sort(rng.permutation(numbers)[: spec.movies]),
        titles=titles,
        genres=genres,
        tastes=tastes,
        genders=np.array(["M", "F"])[_classes(rng, first, (0.7, 0.3), 0.7)],
        ages=np.array(AGES).astype(str)[_classes(rng, first, AGE_SHARES, 0.5)],
        occupations=_classes(rng, first, (1 / OCCUPATIONS,) * OCCUPATIONS, 0.5).astype(str),
        zip_codes=np.char.zfill(rng.integers(0, 100_000, spec.users).astype(str), 5),
        user=user,
        movie=movie,
        rating=_ratings(rng, user, movie, tastes),
        timestamp=_timestamps(rng, user, spec.users),
    )


def _write_ratings(path: Path, sample: Sample) -> None:
    """Writes ratings.dat: the text of a chunk is built as one Arrow buffer."""
    with path.open("wb") as file:
        for start in range(0, len(sample.user), _CHUNK):
            rows = slice(start, start + _CHUNK)
            columns = [
                sample.user[rows] + 1,
                sample.movie_ids[sample.movie[rows]],
                sample.rating[rows],
                sample.timestamp[rows],
            ]
            texts = [pc.cast(pa.array(column), pa.string()) for column in columns]
            lines = pc.binary_join_element_wise(*texts, "::")
            lines = pc.binary_join_element_wise(lines, "", "\n")
            file.write(lines.buffers()[2])


def _write_files(folder: Path, sample: Sample) -> None:
    _write_ratings(folder / "ratings.dat", sample)
    movies = zip(sample.movie_ids, sample.titles, sample.genres, strict=True)
    users = zip(sample.genders, sample.ages, sample.occupations, sample.zip_codes, strict=True)
    with (folder / "movies.dat").open("w", encoding="iso-8859-1", newline="\n") as file:
        file.writelines(f"{number}::{title}::{genres}\n" for number, title, genres in movies)
    with (folder / "users.dat").open("w", encoding="iso-8859-1", newline="\n") as file:
        file.writelines(f"{number}::{'::'.join(row)}\n" for number, row in enumerate(users, 1))


def _spec_text(spec: SampleSpec) -> str:
    return json.dumps({"generator": VERSION, **dataclasses.asdict(spec)}, indent=2) + "\n"


def write_spec(folder: str | Path, spec: SampleSpec) -> Path:
    """Generates a data set into `folder` in the layout of MovieLens-1M, replacing the folder.

    It is written to a temporary directory and renamed: the folder is complete or does not exist.
    """
    folder = Path(folder)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        _write_files(temporary, generate(spec))
        (temporary / SPEC_FILE).write_text(_spec_text(spec))
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def ensure_sample(folder: str | Path, spec: SampleSpec = SampleSpec()) -> Path:
    """Returns the folder with the data set of `spec`, writing it only where it does not exist."""
    folder = Path(folder)
    note = folder / SPEC_FILE
    complete = all((folder / name).is_file() for name in FILES)
    if complete and note.is_file() and note.read_text() == _spec_text(spec):
        return folder
    return write_spec(folder, spec)
