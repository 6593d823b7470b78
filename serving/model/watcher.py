"""Looks for a new live version, loads it beside the old one, and swaps them."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from components.errors import shown
from components.served_versions.versions import all_versions, find_live, is_complete
from serving.model.holder import ModelHolder
from serving.model.served_model import ServedModel

Load = Callable[[str, Path], ServedModel]
Log = Callable[..., None]

RETRY_SECONDS = 60.0
_LOADER_NICENESS = 10


class Watcher:
    """Keeps the holder's model the one that is live in a folder of versions.

    A version that fails to load leaves the model before it where it is; it is tried again after
    `RETRY_SECONDS`, or at once when another version becomes live.
    """

    def __init__(
        self,
        folder: Path,
        holder: ModelHolder,
        log: Log,
        poll_seconds: float = 1.0,
        load: Load = ServedModel,
    ) -> None:
        """Watches a folder `serving_model/<name>`, which has a folder for each version.

        `log` is given an event and its facts, `load` the name of a version and its path.
        """
        self._folder, self._holder, self._log = folder, holder, log
        self._poll_seconds, self._load = poll_seconds, load
        self._retry_at = 0.0
        self._executor = ThreadPoolExecutor(1, "loader", initializer=_give_way)

    def load_first(self) -> None:
        """Loads the newest version that can be loaded, before requests come."""
        for _, path in reversed(all_versions(self._folder)):
            if not is_complete(path):
                continue
            try:
                model = self._load(path.name, path)
            except Exception as error:
                self._note_failure(path.name, error)
            else:
                failed = self._holder.failed
                self._holder.replace(model)
                self._holder.failed = failed  # a newer one is still not served
                self._log("model_loaded", version=model.version)
                return

    async def run(self) -> None:
        """Looks again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(self._poll_seconds)
            try:
                await self.look()
            except OSError as error:  # the folder cannot be read at present
                self._log("folder_unreadable", reason=_reason(error))

    async def look(self) -> None:
        """Looks once; loads and swaps if another version is live."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._executor, find_live, self._folder)
        if found is None or self._is_known(found[0], time.monotonic()):
            return
        version, path = found
        self._holder.loading = version
        try:
            model = await loop.run_in_executor(self._executor, self._load, version, path)
        except Exception as error:
            self._note_failure(version, error)
            return
        finally:
            self._holder.loading = ""
        before = self._holder.live
        self._holder.replace(model)
        self._log("model_swapped", version=version, before=before.version if before else None)
        del before, model
        # A loaded model is a circle of references: only the collector frees it.
        await loop.run_in_executor(self._executor, _give_back)

    def close(self) -> None:
        """Waits for a load under way and ends the thread."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _is_known(self, version: str, now: float) -> bool:
        """Returns whether a version is served already, or failed so recently that it may wait."""
        holder = self._holder
        if holder.live is not None and holder.live.version == version:
            holder.failed = None
            return True
        failed = holder.failed is not None and holder.failed.version == version
        return failed and now < self._retry_at

    def _note_failure(self, version: str, error: Exception) -> None:
        why = _reason(error)
        self._retry_at = time.monotonic() + RETRY_SECONDS
        self._holder.note_failure(version, why)
        live = self._holder.live
        self._log(
            "model_failed", version=version, reason=why, still_live=live.version if live else None
        )


def _give_back() -> None:
    """Frees what nothing refers to, and gives free memory back to the system where glibc can."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _give_way() -> None:
    """Lets the threads that answer run before this one, where all cores are busy.

    On Linux the number is that of the calling thread, and not of the process.
    """
    thread = threading.get_native_id()
    # Only root may take a niceness back.
    niceness = max(_LOADER_NICENESS, os.getpriority(os.PRIO_PROCESS, thread))
    os.setpriority(os.PRIO_PROCESS, thread, niceness)


def _reason(error: BaseException) -> Any:
    lines = str(error).strip().splitlines() or ["no message"]
    return f"{type(error).__name__}: {shown(lines[0], 300, quote=False)}"
