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

# What a person can do about a reason.
HINTS = {
    NOT_A_NUMBER: "data.decimal, data.not_rated and data.columns say how ratings are written",
    OUT_OF_RANGE: "data.min_rating and data.max_rating set the range",
    BAD_TIME: "data.time_format says how times are written",
    UNKNOWN_EVENT: "data.event_weights lists the events, 0 leaves one out",
    UNKNOWN_MOVIE: "ids with zeros before them, as 007 and 7, are different; "
    "data.unknown_movies=keep takes the id for the title",
}

# These do not count towards data.max_dropped_share: a setting asked for it, or nothing is lost, as
# with an export that was appended twice or a user who changed a rating.
HARMLESS = frozenset(
    {NOT_RATED, NOT_POSITIVE, REPEATED, REPLACED, JOINED, REPEATED_MOVIE, REPEATED_USER}
)
