"""The schema file of a run."""

from __future__ import annotations

from pathlib import Path

from components.errors import ConfigError, shown
from components.fingerprint import digest
from pipeline.config.settings import PipelineConfig
from pipeline.config.text_file import read_text
from pipeline.local.workspace.files import write_aside
from pipeline.local.workspace.workspace import Workspace
from schemas import INTERACTIONS

_RATING_FEATURE = 'name: "rating"'
_RATING_DOMAIN = "float_domain { "


def stage_schema(workspace: Workspace, config: PipelineConfig) -> Path:
    """Copies the schema to a folder named by its content: TFX's cache key holds only its path.

    The curated schema gets the range of the ratings from the settings of the data; a schema of
    `schema.path` is taken as it is.

    Raises:
        ConfigError: If it cannot be read, or is no schema.
    """
    if config.schema_.path:
        text = read_text(config.schema_.path, "schema.path")
        check_schema(text, f"schema.path: {shown(config.schema_.path, quote=False)}")
    else:
        curated = INTERACTIONS.read_text(encoding="utf-8")
        text = with_rating_range(curated, config.data.min_rating, config.data.max_rating)
    staged = workspace.schemas / digest([("schema", text.encode())]) / "schema.pbtxt"
    if not staged.exists():
        write_aside(staged, text)
    return staged.absolute()


def check_schema(text: str, what: str) -> None:
    """Refuses a text that is no schema of features.

    Raises:
        ConfigError: It cannot be read as one, or names no feature.
    """
    from google.protobuf import text_format
    from tensorflow_metadata.proto.v0 import schema_pb2

    try:
        schema = text_format.Parse(text, schema_pb2.Schema())
    except (text_format.ParseError, RecursionError, ValueError) as error:
        problem = shown(str(error), quote=False)
        raise ConfigError(f"{what} is no schema (pbtxt): {problem}") from error
    if not schema.feature:
        raise ConfigError(f"{what} is no schema (pbtxt): it names no feature")


def with_rating_range(text: str, least: float | None, greatest: float | None) -> str:
    """Returns the curated schema with the range of valid ratings; None leaves an end open.

    The text is changed rather than the message, so that its comments stay.
    """
    start = text.find(_RATING_FEATURE)
    before, domain, after = text[start:].partition(_RATING_DOMAIN)
    assert start >= 0, f"{INTERACTIONS} has no {_RATING_FEATURE}"
    assert domain, f"{INTERACTIONS} has no {_RATING_DOMAIN!r} of rating"
    ends = {"min": least, "max": greatest}
    written = "".join(f"{name}: {end!r} " for name, end in ends.items() if end is not None)
    return text[:start] + before + domain + written + after
