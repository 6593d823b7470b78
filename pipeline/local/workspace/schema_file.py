"""The schema file of a run."""

from __future__ import annotations

from pathlib import Path

from components.errors import ConfigError
from components.fingerprint import digest
from pipeline.config.settings import PipelineConfig
from pipeline.local.workspace.files import write_aside
from pipeline.local.workspace.workspace import Workspace
from schemas import INTERACTIONS

_RATING_DOMAIN = "float_domain { "


def stage_schema(workspace: Workspace, config: PipelineConfig) -> Path:
    """Copies the schema to a folder named by its content: TFX's cache key holds only its path.

    The curated schema gets the range of the ratings from the settings of the data; a schema of
    `schema.path` is taken as it is.

    Raises:
        ConfigError: If it cannot be read.
    """
    source = Path(config.schema_.path) if config.schema_.path else INTERACTIONS
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"schema.path: cannot read {source}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"schema.path: {source} is not UTF-8 text") from error
    if not config.schema_.path:
        text = with_rating_range(text, config.data.min_rating, config.data.max_rating)
    staged = workspace.schemas / digest([("schema", text.encode())]) / "schema.pbtxt"
    if not staged.exists():
        write_aside(staged, text)
    return staged.absolute()


def with_rating_range(text: str, least: float | None, greatest: float | None) -> str:
    """Returns the curated schema with the range of valid ratings; None leaves an end open.

    The text is changed rather than the message, so that its comments stay.
    """
    before, domain, after = text.partition(_RATING_DOMAIN)
    assert domain, f"{INTERACTIONS} has no {_RATING_DOMAIN!r}"
    ends = {"min": least, "max": greatest}
    written = "".join(f"{name}: {end!r} " for name, end in ends.items() if end is not None)
    return before + domain + written + after
