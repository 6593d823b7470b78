"""/docs: the OpenAPI document as HTML."""

from __future__ import annotations

import base64
import hashlib
import re

from serving.page.api_page import render_api_page
from tests.serving.conftest import Served


def test_every_operation_of_the_document_is_on_the_page(served: Served) -> None:
    document = served.client.get("/openapi.json").json()
    page = served.client.get("/docs").text
    for path in document["paths"]:
        assert f"</span> {path}</h3>" in page
    assert "curl localhost:8501/recommendations -d &#39;{&#34;history&#34;: [&#34;1&#34;]}" in page


def test_document_names_every_parameter_of_an_address(served: Served) -> None:
    document = served.client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            named = {
                parameter["name"]
                for parameter in operation.get("parameters", [])
                if parameter["in"] == "path"
            }
            assert named == set(re.findall(r"{(\w+)}", path)), path


def test_pages_refer_to_nothing_elsewhere(served: Served) -> None:
    for path in ("/", "/docs", "/static/page.js", "/static/page.css"):
        response = served.client.get(path)
        assert not re.search(r"(?:https?:)?//[a-z0-9]", response.text.replace("localhost", ""))
        assert "script-src 'self'" in response.headers["content-security-policy"]


def test_policy_allows_the_style_sheet_of_the_page_and_no_other(served: Served) -> None:
    response = served.client.get("/docs")
    style = re.search(r"<style>(.*?)</style>", response.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in response.headers["content-security-policy"]
    assert "unsafe-inline" not in response.headers["content-security-policy"]


def test_text_of_the_document_is_escaped() -> None:
    operation = {"summary": "<script>alert(1)</script>", "parameters": []}
    page = render_api_page(
        {"info": {"title": "<b>", "version": "1"}, "paths": {"/<i>": {"get": operation}}}
    )
    assert "<script>" not in page
    assert "&lt;b&gt;" in page
    assert "/&lt;i&gt;" in page
