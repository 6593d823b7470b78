"""The schema file of a run."""

from __future__ import annotations

from pathlib import Path

from components.errors import ConfigError
from components.fingerprint import digest
from pipeline.config.settings import PipelineConfig
from pipeline.local.workspace.files import write_aside
from pipeline.local.workspace.workspace import Workspace
from schemas import INTERACTIONS


def stage_schema(workspace: Workspace, config: PipelineConfig) -> Path:
    """Copies the schema to a folder named by its content: TFX's cache key holds only its path.

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
    staged = workspace.schemas / digest([("schema", text.encode())]) / "schema.pbtxt"
    if not staged.exists():
        write_aside(staged, text)
    return staged.absolute()
