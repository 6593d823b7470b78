"""Reads runs and artifacts of an output root from ML Metadata, without importing TFX."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_metadata import errors
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from components.errors import ConfigError
from pipeline.local.workspace.database import check_database

_RUN = "pipeline_run"
_PUSHED_VERSION = "pushed_version"
DELETED = metadata_store_pb2.Artifact.State.DELETED


@dataclass(frozen=True)
class Run:
    """A run of the pipeline.

    Attributes:
        name: TFX's id of the run, the time of its start.
        ended: When its last component ended, in seconds since 1970.
        executions: Ids of its executions, those taken from the cache too.
        artifacts: Ids of the artifacts that they read or wrote.
        versions: Versions that it pushed, or that were live with the same model.
    """

    name: str
    ended: float
    executions: frozenset[int]
    artifacts: frozenset[int]
    versions: frozenset[str]


class Store:
    """ML Metadata of one output root."""

    def __init__(self, database: Path) -> None:
        """Opens the database.

        Raises:
            ConfigError: It is damaged, or of another version of ML Metadata.
            BusyError: Another process holds it.
        """
        check_database(database)
        config = metadata_store_pb2.ConnectionConfig()
        config.sqlite.filename_uri = str(database)
        config.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE
        try:
            self._store = metadata_store.MetadataStore(config)
        except (errors.StatusError, sqlite3.Error, RuntimeError) as error:
            first_line = (str(error).splitlines() or ["no reason given"])[0]
            raise ConfigError(f"metadata: cannot open {database}: {first_line}") from error

    def artifacts(self) -> dict[int, Any]:
        """Returns all artifacts by id."""
        return {artifact.id: artifact for artifact in self._store.get_artifacts()}

    def runs(self) -> list[Run]:
        """Returns all runs, failed and killed ones too, oldest first."""
        with contextlib.suppress(errors.NotFoundError):  # before the first run
            pushed = {
                artifact.id: artifact.custom_properties[_PUSHED_VERSION].string_value
                for artifact in self._store.get_artifacts()
                if artifact.custom_properties[_PUSHED_VERSION].string_value
            }
            contexts = self._store.get_contexts_by_type(_RUN)
            return sorted(
                (self._run(context, pushed) for context in contexts), key=lambda run: run.ended
            )
        return []

    def _run(self, context: Any, pushed: dict[int, str]) -> Run:
        executions = self._store.get_executions_by_context(context.id)
        ids = frozenset(execution.id for execution in executions)
        events = self._store.get_events_by_execution_ids(list(ids)) if ids else []
        artifacts = frozenset(event.artifact_id for event in events)
        times = [execution.last_update_time_since_epoch for execution in executions]
        return Run(
            name=context.name,
            ended=max(times, default=context.create_time_since_epoch) / 1000,
            executions=ids,
            artifacts=artifacts,
            versions=frozenset(pushed[id_] for id_ in artifacts if id_ in pushed),
        )

    def mark_deleted(self, artifacts: Iterable[Any]) -> None:
        """Marks artifacts as deleted: TFX's cache does not offer them any more."""
        marked = []
        for artifact in artifacts:
            artifact.state = DELETED
            marked.append(artifact)
        if marked:
            self._store.put_artifacts(marked)
