"""The application: routes, errors, and the middleware around them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from components.errors import shown
from components.version import VERSION
from serving.config import ServingConfig
from serving.http.access_log import AccessLog
from serving.http.admission import Admission
from serving.http.health import health_routes
from serving.http.json_format import error_response
from serving.http.metrics import Metrics
from serving.http.observation import Observation
from serving.inference import Inference
from serving.model.holder import ModelHolder
from serving.model.watcher import Watcher
from serving.page.routes import page_routes
from serving.protocols.open_inference import open_inference_routes
from serving.protocols.people import Describe, people_routes
from serving.protocols.people_schemas import first_problem
from serving.protocols.tf_serving import tf_serving_routes


@dataclass(frozen=True)
class Site:
    """What is served.

    Attributes:
        name: Name of the model in addresses.
        versions: `serving_model/<name>`, one folder for each version.
        describe: Returns what is known of a version (see `People`).
        report: The HTML report of the newest run, which need not exist.
    """

    name: str
    versions: Path
    describe: Describe = lambda version: {}
    report: Path | None = None


@dataclass(frozen=True)
class Application:
    """The ASGI application and what it is made of."""

    asgi: ASGIApp
    inference: Inference
    watcher: Watcher
    api: FastAPI


def build_application(
    site: Site, config: ServingConfig, log: AccessLog, token: str = ""
) -> Application:
    """Builds the application; its lifespan starts and stops queue and watcher.

    Requests must carry the bearer token; "" for none.
    """
    holder = ModelHolder()
    metrics = Metrics(holder)
    inference = Inference(site.name, config, holder, metrics)
    metrics.waiting.set_function(lambda: inference.batcher.waiting_rows)
    watcher = Watcher(site.versions, holder, log.event, config.poll_seconds)
    api = _build_api(site, inference, watcher)
    asgi: ASGIApp = Admission(api, config, metrics, token)
    if config.cors_origins:
        asgi = CORSMiddleware(
            asgi,
            allow_origins=config.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
        )
    return Application(Observation(asgi, metrics, log), inference, watcher, api)


def _build_api(site: Site, inference: Inference, watcher: Watcher) -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        inference.batcher.start()
        watching = asyncio.create_task(watcher.run())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await inference.stop()
            watcher.close()

    api = FastAPI(
        title=f"Recommendations: {site.name}",
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,  # both load scripts from elsewhere; ours works offline
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={
            HTTPException: _answer_refusal,
            RequestValidationError: _answer_validation,
            Exception: _answer_failure,
        },
    )
    api.include_router(people_routes(inference, site.describe, site.report))
    api.include_router(tf_serving_routes(inference))
    api.include_router(open_inference_routes(inference))
    api.include_router(health_routes(inference))
    api.include_router(page_routes(api))
    return api


async def _answer_refusal(request: Request, error: Any) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == 404 and error.detail == "Not Found":
        path = shown(request.url.path, quote=False)
        return error_response(f"nothing at {path}; /docs lists what there is", 404)
    if error.status_code == 405:
        method = shown(request.method, 20, quote=False)
        return error_response(f"{method} is not possible here; /docs lists what is", 405, headers)
    return error_response(str(error.detail), error.status_code, headers)


async def _answer_validation(request: Request, error: Any) -> Response:
    return error_response(first_problem(error.errors()), 422)


async def _answer_failure(request: Request, error: Exception) -> Response:
    return error_response("an error of the server; its log has the request id and the reason", 500)
