"""The addresses of the page: all of it comes from this package, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from serving import errors
from serving.page.api_page import render_api_page

# Scripts, styles and requests of this server only; no inline code but the style sheet that the page
# of the API carries, no frames, no forms elsewhere.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src {styles}; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {"page.css": "text/css", "page.js": "text/javascript"}
_FOLDER = files(__package__).joinpath("static")


def page_routes(api: FastAPI) -> APIRouter:
    """Returns the routes /, /docs, which describes the API of an application, and /static."""
    router = APIRouter(include_in_schema=False)
    contents = {name: _FOLDER.joinpath(name).read_bytes() for name in ("index.html", *_TYPES)}
    style = contents["page.css"]
    headers, api_headers = _headers("'self'"), _headers(_hash_source(style))
    api_page: list[str] = []

    @router.get("/")
    async def page() -> Response:
        return Response(contents["index.html"], headers=headers, media_type="text/html")

    @router.get("/docs")
    async def docs() -> Response:
        if not api_page:
            api_page.append(render_api_page(api.openapi(), style.decode()))
        return Response(api_page[0], headers=api_headers, media_type="text/html")

    @router.get("/static/{name}")
    async def static(name: str) -> Response:
        if name not in _TYPES:
            raise errors.not_found("no such file of the page")
        return Response(contents[name], headers=headers, media_type=_TYPES[name])

    return router


def _headers(styles: str) -> dict[str, str]:
    policy = _POLICY.format(styles=styles)
    return {"Content-Security-Policy": policy, "Cache-Control": "no-cache"}


def _hash_source(text: bytes) -> str:
    """Returns what lets a policy allow exactly this inline text."""
    digest = base64.b64encode(hashlib.sha256(text).digest()).decode("ascii")
    return f"'sha256-{digest}'"
