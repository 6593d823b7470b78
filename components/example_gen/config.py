"""Settings of ExampleGen: which files to read, what to refuse, how to split."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from pydantic import Field, field_validator, model_validator

from components.config import NotNegative, Positive, ProperShare, Section, Share
from components.example_gen.formats.column_roles import MOVIE_ROLES, RATING_ROLES, USER_ROLES
from components.example_gen.layouts.known import BY_NAME, OTHER_LAYOUTS

AUTO = "auto"
_LAYOUT_NAMES = (AUTO, *BY_NAME, *OTHER_LAYOUTS)
if TYPE_CHECKING:
    LayoutName: TypeAlias = str
else:
    LayoutName = Literal[_LAYOUT_NAMES]
SplitMethod = Literal["random", "temporal", "leave-last"]
SPLIT_METHODS: tuple[str, ...] = get_args(SplitMethod)
ColumnMap = dict[str, str | int | None]


class PositiveConfig(Section):
    """Which interactions are positives: what the model learns to recommend."""

    min_rating: float | None = Field(
        None, description="Interactions of a smaller rating are left out."
    )
    above_user_mean: bool = Field(
        False, description="Interactions below the user's mean rating are left out."
    )


class DataConfig(Section):
    """How the files are read and which rows are accepted."""

    layout: LayoutName = Field(
        AUTO,
        description="Layout of the data: one of MovieLens' by its file names, or the container of "
        "other files; auto detects it.",
    )
    ratings: str = Field(
        "",
        description="File of interactions: a path, a glob, or a folder of part files, below the "
        "data folder or absolute; empty: the one file that has users and items.",
    )
    movies: str = Field("", description="File of movies, as ratings; empty: found by its columns.")
    users: str = Field("", description="File of users, as ratings; empty: found by its columns.")
    columns: ColumnMap = Field(
        {},
        description="Columns of the interactions by name, or by position from 0: user, movie, "
        "rating, timestamp, event; null: there is none.",
    )
    movie_columns: ColumnMap = Field(
        {}, description="Columns of the movies, likewise: movie, title, genres, year."
    )
    user_columns: ColumnMap = Field(
        {}, description="Columns of the users, likewise: user, gender, age, occupation."
    )
    separator: str | None = Field(
        None, description="What stands between two values of the interactions; null: found out."
    )
    header: bool | None = Field(
        None, description="Whether the interactions have a line of names; null: found out."
    )
    encoding: Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1"] | None = Field(
        None, description="Encoding of the interactions; null: found out."
    )
    decimal: Literal[".", ","] | None = Field(
        None, description="Decimal sign of the interactions; null: found out."
    )
    time_format: str | None = Field(
        None,
        description="How times are written, as %d/%m/%Y %H:%M; empty: numbers since 1970 or "
        "ISO 8601; null: found out.",
    )
    values: Literal["auto", "ratings", "likes", "counts", "implicit"] = Field(
        "auto",
        description="What the rating column holds; auto: by its name. Likes: 0 is no positive. "
        "Counts weigh 1 + ln(count). Implicit: the column is not read.",
    )
    not_rated: float | Literal["auto", "none"] = Field(
        "auto",
        description="Rating that stands for none; auto: -1 where it is the only negative one.",
    )
    positive: PositiveConfig = Field(
        PositiveConfig(), description="Which interactions are positives; default: all."
    )
    event_weights: dict[str, float] | None = Field(
        None,
        description="Weight of each kind of event, as {view: 1, cart: 3}; 0 leaves it out, an "
        "event that is not named is an unusable row; null: all events count alike.",
    )
    repeats: Literal["auto", "last", "sum", "count"] = Field(
        "auto",
        description="How interactions of one user with one movie are joined: the last one counts, "
        "their weights add up, or their number is the weight; auto: last, and sum of counts and "
        "weighted events.",
    )
    unknown_movies: Literal["auto", "keep", "drop"] = Field(
        "auto",
        description="Interactions with movies that the catalogue lacks: keep takes the id for the "
        "title; auto: drop in MovieLens' layouts, else keep.",
    )
    span_pattern: str = Field(
        AUTO,
        description="Folders of spans in the data folder, as span-{SPAN}, {YYYY}-{MM}-{DD} or "
        "day-{SPAN}/v{VERSION}; auto: the first two, with v{VERSION} folders of corrected spans in "
        "them, where there are no ratings beside them; empty: never.",
    )
    window: NotNegative = Field(0, description="Newest spans that are read together; 0: all.")
    min_rating: float | None = Field(
        None,
        description="Smallest valid rating; null: 0 in MovieLens' layouts, else none.",
    )
    max_rating: float | None = Field(
        None,
        description="Largest valid rating; null: 5 in MovieLens' layouts, else none.",
    )
    max_dropped_share: Share = Field(
        0.01, description="Largest share of rows that may be dropped as unusable."
    )
    block_bytes: int = Field(
        16 << 20,
        ge=1 << 10,
        le=1 << 30,
        description="Bytes of a rating file that one Beam element reads.",
    )
    output_shards: NotNegative = Field(
        0,
        description="TFRecord files written for each split, each with the users of one hash value; "
        "0: one for every 32 MiB of ratings. The users of one file must fit into memory.",
    )

    @field_validator("columns", "movie_columns", "user_columns")
    @classmethod
    def _check_columns(cls, value: ColumnMap, info: Any) -> ColumnMap:
        """Refuses roles that there are not; `item` is another word for movie."""
        known: dict[str, tuple[str, ...]] = {
            "columns": RATING_ROLES,
            "movie_columns": MOVIE_ROLES,
            "user_columns": USER_ROLES,
        }
        roles = known[info.field_name]
        columns = {{"item": "movie"}.get(role, role): column for role, column in value.items()}
        if unknown := [role for role in columns if role not in roles]:
            raise ValueError(f"no column {unknown[0]!r}; accepted: {', '.join(roles)}")
        return columns

    @field_validator("event_weights", mode="before")
    @classmethod
    def _name_events(cls, value: Any) -> Any:
        """Takes numbers for names of events too, as YAML reads them."""
        if not isinstance(value, dict):
            return value
        return {str(event): weight for event, weight in value.items()}

    @field_validator("event_weights")
    @classmethod
    def _check_weights(cls, value: dict[str, float] | None) -> dict[str, float] | None:
        """Refuses weights that are no weights."""
        if value is not None and not (value and all(0 <= w < math.inf for w in value.values())):
            raise ValueError("accepted: events with weights of 0 or more")
        return value

    @field_validator("separator")
    @classmethod
    def _check_separator(cls, value: str | None) -> str | None:
        """Refuses what no rows can be cut at; names a tab."""
        value = {"\\t": "\t", "tab": "\t", "TAB": "\t"}.get(value or "", value)
        if value is None or value == "::" or (len(value) == 1 and value not in '"\r\n\0'):
            return value
        raise ValueError("accepted: one character, tab, or ::")

    @model_validator(mode="after")
    def _check_range(self) -> DataConfig:
        """Refuses a range without ratings."""
        low, high = self.min_rating, self.max_rating
        if low is not None and high is not None and low > high:
            raise ValueError(f"data.min_rating {low:g} is larger than data.max_rating {high:g}")
        return self

    @field_validator("span_pattern")
    @classmethod
    def _check_span_pattern(cls, value: str) -> str:
        """Refuses a pattern that does not say which span a folder is."""
        counts = [value.count(part) for part in ("{SPAN}", "{YYYY}", "{MM}", "{DD}")]
        one = counts in ([1, 0, 0, 0], [0, 1, 1, 1]) and value.count("{VERSION}") <= 1
        if value in ("", AUTO) or (one and not value.startswith("/")):
            return value
        raise ValueError("accepted: auto, nothing, or one {SPAN} or {YYYY}, {MM} and {DD}")


class SplitConfig(Section):
    """How each user's interactions are divided into train and eval."""

    method: SplitMethod = Field(
        "random",
        description="random: by a salted hash of user and movie; temporal: everything after a "
        "global cut in time is eval; leave-last: each user's last interactions are eval.",
    )
    salt: str = Field(
        "movielens", description="Salt of the random split; another gives another split."
    )
    eval_fraction: ProperShare = Field(
        0.25, description="Share of eval (random: of rows; temporal: of the latest rows)."
    )
    leave_last: Positive = Field(
        5, description="Interactions of each user that leave-last holds out."
    )
