"""Why rows are dropped, as written in the summary and in errors."""

from __future__ import annotations

BROKEN = "broken row"
BAD_ID = "empty user or movie id"
NOT_A_NUMBER = "rating is not a number"
OUT_OF_RANGE = "rating out of range"
BAD_TIME = "timestamp is not a time"
UNKNOWN_MOVIE = "movie not in the catalogue"
UNREADABLE = "unreadable row group"

REPEATED = "row repeated"
REPLACED = "older rating of the same movie"

BROKEN_MOVIE = "broken movie row"
REPEATED_MOVIE = "movie repeated"
BROKEN_USER = "broken user row"
REPEATED_USER = "user repeated"

# Dropping these loses nothing, so they do not count towards data.max_dropped_share: an export that
# was appended twice, or a user who changed a rating, is no reason to refuse data.
HARMLESS = frozenset({REPEATED, REPLACED, REPEATED_MOVIE, REPEATED_USER})
