"""Why rows are dropped, as written in the summary and in errors."""

from __future__ import annotations

BROKEN = "broken row"
BAD_ID = "empty user or movie id"
NOT_A_NUMBER = "rating is not a number"
OUT_OF_RANGE = "rating out of range"
BAD_TIME = "timestamp is not a time"
UNKNOWN_EVENT = "event without a weight"
UNKNOWN_MOVIE = "movie not in the catalogue"
UNREADABLE = "unreadable row group"

NOT_RATED = "value for not rated"
NOT_POSITIVE = "not a positive"
REPEATED = "row repeated"
REPLACED = "older rating of the same movie"
JOINED = "repeated interaction joined"

BROKEN_MOVIE = "broken movie row"
REPEATED_MOVIE = "movie repeated"
BROKEN_USER = "broken user row"
REPEATED_USER = "user repeated"

# These do not count towards data.max_dropped_share: a setting asked for it, or nothing is lost, as
# with an export that was appended twice or a user who changed a rating.
HARMLESS = frozenset(
    {NOT_RATED, NOT_POSITIVE, REPEATED, REPLACED, JOINED, REPEATED_MOVIE, REPEATED_USER}
)
