"""Names of the splits and features of the Examples that ExampleGen writes.

One Example per user and split, and one per movie of the catalogue; docs/architecture.md has types
and shapes. This module imports nothing heavy: the reader of rating files uses it too.
"""

from __future__ import annotations

from typing import Literal, get_args

TRAIN, EVAL, MOVIES = "train", "eval", "movies"

# Of a user; these lists are parallel, in time order. Only some data have weights.
USER_ID = "user_id"
MOVIE_ID, RATING, TIMESTAMP = "movie_id", "rating", "timestamp"
WEIGHT = "weight"
ACTIVITY = "activity"
SEEN_MOVIE_ID = "seen_movie_id"

# Of a movie, beside MOVIE_ID.
TITLE, GENRES, YEAR = "title", "genres", "year"

GENDER = "gender"
UserFeature = Literal["gender", "age", "occupation"]
USER_FEATURES: tuple[str, ...] = get_args(UserFeature)
MovieFeature = Literal["genres", "year"]
