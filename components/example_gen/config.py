"""Settings of ExampleGen: which files to read, what to refuse, how to split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from pydantic import Field, field_validator

from components.config import Section
from components.example_gen.layouts.known import BY_NAME

AUTO = "auto"
_LAYOUT_NAMES = (AUTO, *BY_NAME)
if TYPE_CHECKING:
    LayoutName: TypeAlias = str
else:
    LayoutName = Literal[_LAYOUT_NAMES]
SplitMethod = Literal["random", "temporal", "leave-last"]
SPLIT_METHODS: tuple[str, ...] = get_args(SplitMethod)


class DataConfig(Section):
    """How the rating files are read and which rows are accepted."""

    layout: LayoutName = Field(
        AUTO, description="Layout of the data folder; auto detects it from the file names."
    )
    span_pattern: str = Field(
        AUTO,
        description="Folders of spans in the data folder, as span-{SPAN}, {YYYY}-{MM}-{DD} or "
        "day-{SPAN}/v{VERSION}; auto: the first two, with v{VERSION} folders of corrected spans in "
        "them, where there are no ratings beside them; empty: never.",
    )
    window: int = Field(0, ge=0, description="Newest spans that are read together; 0: all.")
    min_rating: float = Field(0.0, description="Smallest rating value that is valid.")
    max_rating: float = Field(5.0, description="Largest rating value that is valid.")
    max_dropped_share: float = Field(
        0.01, ge=0, le=1, description="Largest share of rows that may be dropped as unusable."
    )
    block_bytes: int = Field(
        16 << 20,
        ge=1 << 10,
        le=1 << 30,
        description="Bytes of a rating file that one Beam element reads.",
    )
    output_shards: int = Field(
        0,
        ge=0,
        description="TFRecord files written for each split, each with the users of one hash value; "
        "0: one for every 32 MiB of ratings. The users of one file must fit into memory.",
    )

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
    eval_fraction: float = Field(
        0.25,
        gt=0,
        lt=1,
        description="Share of eval (random: of rows; temporal: of the latest rows).",
    )
    leave_last: int = Field(
        5, ge=1, description="Interactions of each user that leave-last holds out."
    )
