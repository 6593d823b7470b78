"""Whether the server lives and can answer, and its metrics."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from serving.http.json_format import json_response
from serving.inference import Inference

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def readiness(inference: Inference) -> tuple[bool, dict[str, object]]:
    """Returns whether requests can be answered, and what a person wants to know about it."""
    holder, live = inference.holder, inference.holder.live
    ready = live is not None and not inference.stopping
    status = "stopping" if inference.stopping else "ready" if ready else "no model is live yet"
    facts: dict[str, object] = {"status": status, "version": live.version if live else None}
    if holder.loading:
        facts["loading"] = holder.loading
    if holder.failed is not None:
        facts["failed"] = {"version": holder.failed.version, "reason": holder.failed.why}
    return ready, facts


def health_routes(inference: Inference) -> APIRouter:
    """Returns the routes /healthz, /readyz and /metrics."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Whether the process lives")
    async def healthz() -> Response:
        return json_response({"status": "ok"})

    @router.get(
        "/readyz",
        summary="Whether a model is live; a version that failed to load is named",
        responses={503: {"description": "No model is live, or the server is stopping"}},
    )
    async def readyz() -> Response:
        ready, facts = readiness(inference)
        return json_response(facts, 200 if ready else 503)

    @router.get("/metrics", summary="Metrics for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(inference.metrics.render(), media_type=_PROMETHEUS)

    return router
