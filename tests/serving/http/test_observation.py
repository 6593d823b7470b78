"""Request ids, headers, the access log and the metrics."""

from __future__ import annotations

import json

from tests.serving.conftest import Serve, Served


def lines(served: Served) -> list[dict]:
    found = map(json.loads, served.log.getvalue().splitlines())
    return [line for line in found if line["event"] == "request"]


def test_request_id_is_taken_over_if_it_is_plain(serve: Serve) -> None:
    served = serve()
    given = served.client.get("/healthz", headers={"X-Request-ID": "abc-1.2_3"})
    assert given.headers["x-request-id"] == "abc-1.2_3"
    for hostile in ("a b", "a" * 65, "x\x1b[31m", '"}'):
        answer = served.client.get("/healthz", headers={b"X-Request-ID": hostile.encode()})
        assert answer.headers["x-request-id"] != hostile
    assert lines(served)[0]["request_id"] == "abc-1.2_3"


def test_access_log_is_json_in_ascii_whatever_the_path(serve: Serve) -> None:
    served = serve()
    served.client.get("/users/%1b%5b31m%e2%80%ae%c3%bc/recommendations")
    text = served.log.getvalue().splitlines()[-1]
    assert text.isascii()
    assert "\x1b" not in text
    line = json.loads(text)
    assert line["path"] == "/users/\x1b[31m\u202eü/recommendations"
    assert (line["method"], line["status"]) == ("GET", 200)


def test_metrics_count_by_route_and_not_by_path(serve: Serve) -> None:
    served = serve()
    for user in ("u0", "nobody"):
        served.client.get(f"/users/{user}/recommendations")
    served.client.get("/nothing/at/all")
    served.client.request("BREW", "/healthz")
    metrics = served.client.get("/metrics").text
    route = "/users/{user_id}/recommendations"
    assert f'serving_requests_total{{method="GET",route="{route}",status="200"}} 2.0' in metrics
    assert 'serving_requests_total{method="GET",route="other",status="404"} 1.0' in metrics
    assert 'method="other"' in metrics
    assert "serving_unknown_total 1.0" in metrics
    assert "serving_batch_rows_sum 2.0" in metrics
    assert "serving_model_version 7.0" in metrics


def test_every_answer_tells_browsers_to_do_nothing(serve: Serve) -> None:
    served = serve()
    for path in ("/healthz", "/nothing", "/movies", "/v1/models/tiny"):
        headers = served.client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"


def test_error_of_the_server_is_logged_and_not_shown(serve: Serve, monkeypatch) -> None:
    served = serve()
    catalogue = served.application.inference.holder.live.catalogue
    monkeypatch.setattr(catalogue, "search", lambda *_: 1 / 0)
    answer = served.client.get("/movies", headers={"X-Request-ID": "the-id"})
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    (failure,) = [
        line
        for line in map(json.loads, served.log.getvalue().splitlines())
        if line["event"] == "internal_error"
    ]
    assert failure["request_id"] == "the-id"
    assert "ZeroDivisionError" in failure["traceback"]
    assert [line["status"] for line in lines(served)] == [500]


def test_cors_is_off_unless_an_origin_is_named(serve: Serve) -> None:
    origin = {"Origin": "https://shop.example"}
    served = serve()
    assert "access-control-allow-origin" not in served.client.get("/model", headers=origin).headers


def test_cors_lets_named_origins_in(serve: Serve) -> None:
    served = serve(cors_origins=("https://shop.example",))
    allow = "access-control-allow-origin"
    good = served.client.get("/model", headers={"Origin": "https://shop.example"})
    bad = served.client.get("/model", headers={"Origin": "https://evil.example"})
    assert good.headers[allow] == "https://shop.example"
    assert allow not in bad.headers
