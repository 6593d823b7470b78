"""Serves a folder of versions until a signal comes: the way from settings to a running server."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from components.errors import ConfigError
from components.served_versions.versions import find_live
from serving.app import Site, build_application
from serving.config import ServingConfig
from serving.http.access_log import AccessLog
from serving.server import BACKLOG, bind, run
from serving.token import read_token


def serve(
    site: Site,
    config: ServingConfig,
    log: Path | TextIO,
    ready: Callable[[str, str], None],
    wait: bool = False,
) -> None:
    """Loads the live model, then answers requests until a signal comes.

    Args:
        site: What is served.
        config: Settings.
        log: The access log: a file, or an open stream.
        ready: Is told the address, and the version ("" for none yet), once the port is open.
        wait: Whether to start without a model, and serve the first that is pushed.

    Raises:
        ConfigError: The port, the token or the certificate cannot be used; no version is there, or
            none can be loaded.
    """
    token = read_token(config.token_file)
    with bind(config) as listening:
        application = build_application(site, config, AccessLog(log), token)
        holder = application.inference.holder
        # The collections after swaps look at what comes from here on. With the half a million
        # objects of TensorFlow's modules each would hold up all answers for a fifth of a second.
        gc.collect()
        gc.freeze()
        application.watcher.load_first()
        if holder.live is None and not wait:
            if find_live(site.versions) is None:
                raise ConfigError(f"serve: nothing is live in {site.versions}; run first")
            why = holder.failed.why if holder.failed else "it is gone"
            raise ConfigError(f"serve: no version in {site.versions} can be loaded: {why}")
        scheme = "https" if config.tls_certificate else "http"
        host, port = listening.getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        listening.listen(BACKLOG)  # who is told the address may connect at once
        ready(f"{scheme}://{host}:{port}", holder.live.version if holder.live else "")
        run(application, config, listening)
