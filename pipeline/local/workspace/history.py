"""The history: one JSON line for each finished run and rollback, appended, never rewritten."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    ValidationError,
    model_validator,
)

from components.errors import ConfigError
from components.regular_file import open_regular
from components.served_versions.versions import is_version

Entry = dict[str, Any]
# The status of an entry that is no run; `pushed` is the new version, `copy_of` the old one.
ROLLED_BACK = "rolled_back"
CREATING = ("pushed", ROLLED_BACK)
# A record has eight levels. More is damage, and what prints it would fail.
_MAX_DEPTH = 40
_SECONDS = Field(ge=-62_135_596_800, le=253_402_300_799)  # the years 1 to 9999


def _check_version(name: str) -> str:
    if not is_version(name):
        raise ValueError("is no version: a whole number that servers take")
    return name


_Version = Annotated[str, AfterValidator(_check_version)]
_VersionOrNone = Annotated[str, AfterValidator(lambda name: name and _check_version(name))]


class _Section(BaseModel):
    """What the commands read of an entry; anything else may stand there too."""

    model_config = ConfigDict(strict=True, extra="allow")


class _Pushed(_Section):
    version: _Version


class _Data(_Section):
    first_timestamp: Annotated[FiniteFloat, _SECONDS] | None = None
    last_timestamp: Annotated[FiniteFloat, _SECONDS] | None = None
    dropped: dict[str, int] | None = None


class _Retention(_Section):
    keep_versions: Annotated[int, Field(ge=0)] | None = None


class _Config(_Section):
    retention: _Retention | None = None


class _Decision(_Section):
    name: str
    value: FiniteFloat | None
    threshold: FiniteFloat
    passed: bool


class _Entry(_Section):
    """The schema of a line. A field that a kind of entry lacks, or null, is left out."""

    status: str | None = None
    started: str | None = None
    reason: str | None = None
    pushed: _Pushed | None = None
    copy_of: _Version | None = None
    replaced: _Version | None = None
    run_key: str | None = None
    push_token: str | None = None
    baseline_version: _VersionOrNone | None = None
    config: _Config | None = None
    data: _Data | None = None
    metrics: dict[str, dict[str, FiniteFloat]] | None = None
    gate: list[_Decision] | None = None

    @model_validator(mode="after")
    def _check_versions(self) -> _Entry:
        if self.metrics and "model" not in self.metrics:
            raise ValueError("metrics: model is missing")
        for name in ("pushed", "copy_of"):
            if self.status == ROLLED_BACK and getattr(self, name) is None:
                raise ValueError(f"{name}: missing where the status is {self.status}")
        # A new version has the greatest number, so following these names never leads in a circle.
        for name in ("copy_of", "replaced"):
            older = getattr(self, name)
            if older is not None and not (self.pushed and is_older(older, self.pushed.version)):
                raise ValueError(f"{name}: {older} is not older than the version pushed")
        return self


def is_older(name: str, than: str) -> bool:
    """Returns whether a version has a smaller number than another one."""
    return is_version(name) and is_version(than) and int(name) < int(than)


def append_entry(path: Path, entry: Entry) -> None:
    """Appends one entry; a last line that a killed run left incomplete is ended first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell() and not _ends_with_newline(file):
            file.write(b"\n")
        file.write(json.dumps(entry, sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _ends_with_newline(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def read_entries(path: Path) -> list[Entry]:
    """Reads all entries, oldest first; lines that are not as the schema says are passed over."""
    return [entry for entry, _ in _read_lines(path) if entry is not None]


def damage(path: Path) -> str:
    """Returns one sentence on the lines that are passed over, or "" where there are none."""
    bad = [(number, why) for number, (_, why) in enumerate(_read_lines(path), start=1) if why]
    if not bad:
        return ""
    number, why = bad[0]
    lines = "1 line is" if len(bad) == 1 else f"{len(bad)} lines are"
    first = "" if len(bad) == 1 else "the first is "
    return (
        f"history: {lines} passed over in {path}: {first}line {number} ({why}); "
        "accepted: lines as the runner wrote them"
    )


def _read_lines(path: Path) -> Iterator[tuple[Entry | None, str]]:
    """Yields for each line its entry, or None and why it is none ("" for an empty line)."""
    for line in _content(path).split(b"\n"):
        yield read_line(line) if line.strip() else (None, "")


def _content(path: Path) -> bytes:
    """Returns the bytes of the history; none where there is no file.

    Raises:
        ConfigError: Something else stands in its place, or it cannot be read.
    """
    try:
        with open_regular(path) as file:
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ConfigError(
            f"history: {path} cannot be read: {error.strerror}; accepted: a regular file, or none"
        ) from error


def read_line(line: bytes) -> tuple[Entry | None, str]:
    """Returns the entry of a line and "", or None and why it is none."""
    try:
        entry = json.loads(line.decode(), parse_constant=_refuse_constant)
    except RecursionError:
        return None, f"nested deeper than {_MAX_DEPTH} levels"
    except ValueError:  # UnicodeDecodeError too
        return None, "not JSON"
    if not isinstance(entry, dict):
        return None, "not a JSON object"
    return check_entry(entry)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def check_entry(entry: Entry) -> tuple[Entry | None, str]:
    """Returns the entry and "", or None and what is wrong with it."""
    if _is_deep(entry):
        return None, f"nested deeper than {_MAX_DEPTH} levels"
    try:
        json.dumps(entry, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return None, "holds half of a character, a lone surrogate"
    try:
        _Entry.model_validate(entry)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        # A name comes from the line: it must not put its own text, or a megabyte, on the screen.
        where = ".".join(ascii(part)[1:-1][:40] for part in map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        return None, f"{where}: {message}" if where else message
    return entry, ""


def _is_deep(entry: Entry) -> bool:
    """Returns whether lists and objects are nested beyond what a record can be."""
    level: list[Any] = [entry]
    for _ in range(_MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def entry_of_version(entries: list[Entry], version: str) -> Entry | None:
    """Returns the newest entry that created `version`: a run that pushed it, or a rollback."""
    created = (entry for entry in reversed(entries) if entry.get("status") in CREATING)
    return next((entry for entry in created if _pushed_version(entry) == version), None)


def newest_push(entries: list[Entry], run_key: str, version: str) -> Entry | None:
    """Returns the newest run with these inputs and settings that pushed `version`, if any."""
    runs = (entry for entry in reversed(entries) if entry.get("run_key") == run_key)
    return next((entry for entry in runs if _pushed_version(entry) == version), None)


def _pushed_version(entry: Entry) -> str:
    return str((entry.get("pushed") or {}).get("version"))
