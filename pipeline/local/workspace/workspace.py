"""The output root of local runs: where everything is, and one run at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import filelock

from components.errors import ConfigError, UserError, shown
from components.literal_paths import SPECIAL, special_characters

# File systems take 255 bytes for a name; ours put `-recommend.log` and the like behind it.
_LONGEST_NAME = 128
_ROOM = 200  # what stands below the folder of artifacts


class BusyError(UserError):
    """Another run works in the same output root, or another process in its database."""

    exit_code = 1


@dataclass(frozen=True)
class Workspace:
    """Paths of one pipeline, by its name, under an output root."""

    root: Path
    name: str

    def __post_init__(self) -> None:
        """Refuses names that are not plain: they become folder and node names."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", self.name):
            raise ConfigError(
                f"--pipeline-name: {shown(self.name)} may hold letters, digits and '-' only"
            )
        if len(self.name) > _LONGEST_NAME:
            raise ConfigError(
                f"--pipeline-name: {shown(self.name)} is longer than {_LONGEST_NAME} characters"
            )
        root = shown(self.root, quote=False)
        try:
            os.lstat(self.artifacts / ("x" * _ROOM))
        except OSError as error:
            if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
                raise ConfigError(f"--output-root: {root}: {error.strerror}") from error
        except ValueError as error:  # a NUL
            raise ConfigError(f"--output-root: {shown(self.root)} is no path") from error
        if os.path.lexists(self.root) and not os.path.isdir(self.root):
            raise ConfigError(
                f"--output-root: {root} is not a folder; accepted: a folder, or the name of a new "
                "one"
            )

    @property
    def artifacts(self) -> Path:
        """Folder of the pipeline's artifacts."""
        return self.root / "artifacts" / self.name

    @property
    def metadata(self) -> Path:
        """ML Metadata's database (SQLite)."""
        return self.root / "metadata" / f"{self.name}.db"

    @property
    def serving(self) -> Path:
        """Folder of the pushed versions, in TensorFlow Serving's layout."""
        return self.root / "serving_model" / self.name

    @property
    def history(self) -> Path:
        """One JSON line for each finished run."""
        return self.root / "history" / f"{self.name}.jsonl"

    @property
    def intents(self) -> Path:
        """Notes of versions that are about to become live (see intents.py)."""
        return self.root / "history" / f"{self.name}.pending"

    @property
    def schemas(self) -> Path:
        """Schema files in use, in folders named by their content."""
        return self.root / "schemas"

    @property
    def sample(self) -> Path:
        """The generated sample data."""
        return self.root / "sample-data"

    @property
    def report(self) -> Path:
        """Page that explains the newest run whose components all ended well."""
        return self.root / "report" / f"{self.name}.html"

    @property
    def last_run(self) -> Path:
        """Result of the newest run."""
        return self.root / "last_run.json"

    @property
    def log(self) -> Path:
        """Log of the newest run."""
        return self.root / "logs" / f"{self.name}.log"

    def check_literal(self) -> None:
        """Refuses an output root that Beam and TensorFlow would read as a pattern.

        TFX finds its own artifacts by patterns that begin with the output root, so a run would read
        the artifacts of another output root, or none.

        Raises:
            ConfigError: It has such a character.
        """
        path = self.root.absolute()
        if found := special_characters(path):
            raise ConfigError(
                f"--output-root: {path} holds {' '.join(found)}, which Beam and TensorFlow read as "
                f"a pattern; accepted: a path without {SPECIAL}"
            )

    def create(self) -> None:
        """Makes the folders.

        Raises:
            ConfigError: Where the output root cannot be written, or is a pattern.
        """
        self.check_literal()
        if self.last_run.is_dir():
            raise ConfigError(f"{self.last_run} is a folder; move it away, the run writes a file")
        try:
            parents = (file.parent for file in (self.metadata, self.history, self.log))
            for folder in (self.artifacts, *parents):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        if not os.access(self.root, os.W_OK):
            raise ConfigError(f"--output-root: cannot write to {self.root}: permission denied")

    def _unwritable(self, error: OSError) -> ConfigError:
        return ConfigError(
            f"--output-root: cannot write to {shown(self.root, quote=False)}: {error.strerror}"
        )

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the output root for one run; the lock goes with the process.

        Raises:
            BusyError: At once, where another run holds it.
        """
        lock = filelock.FileLock(self.root / ".lock", timeout=0)
        try:
            lock.acquire()
        except (PermissionError, NotADirectoryError, IsADirectoryError) as error:
            raise self._unwritable(error) from error
        except filelock.Timeout:
            raise BusyError(
                f"another run is under way in {self.root}: wait for it or pass another "
                "--output-root"
            ) from None
        try:
            yield
        finally:
            lock.release()


@dataclass(frozen=True)
class ServedFolder(Workspace):
    """The versions of a model on a volume, and the history beside them, without the rest.

    Attributes:
        root: Folder that holds `history/NAME.jsonl`.
        name: Name of the model.
        destination: Folder of the versions, wherever it is.
    """

    destination: Path = Path()

    @property
    def serving(self) -> Path:
        """Folder of the pushed versions, in TensorFlow Serving's layout."""
        return self.destination
