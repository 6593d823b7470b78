"""Generated bad requests: none is an error of the server, none makes it stop answering."""

from __future__ import annotations

import base64
import json
import os
import random
from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest

from tests.serving.conftest import Served

# More of them: HOSTILE_REQUESTS=10000.
COUNT = int(os.environ.get("HOSTILE_REQUESTS", "1500"))
TEXTS = (
    "", "u0", "m0", "nobody", "\x00", "\x1b[31m", "\u202e", "ü" * 300, "a/b", "../../etc/passwd",
    "<script>", "'; DROP TABLE", "%00", "{}", "null", "NaN", "1e999", "x" * 2000, "\U0001f600",
)  # fmt: skip
NUMBERS = (0, -1, 1, 5, 101, 2**31, 2**63, -(2**64), 1.5, 1e308, True, None)
KEYS = (
    "instances", "inputs", "signature_name", "history", "k", "exclude", "features", "name", "shape",
    "datatype", "data", "outputs", "parameters", "id", "user_id", "movie_id", "exclude_movie_id",
    "b64", "examples",
)  # fmt: skip
WORDS = (
    "serving_default", "serving_exclude", "similar_movies", "recommend_from_history",
    "serving_examples", "BYTES", "FP32", "known",
)  # fmt: skip
PATHS = (
    "/v1/models/tiny:predict", "/v1/models/tiny/versions/7:predict", "/v1/models/tiny:regress",
    "/v1/models/tiny/labels/live:predict", "/v2/models/tiny/infer", "/recommendations",
    "/v2/models/tiny/versions/7/infer",
)  # fmt: skip


def value(dice: random.Random, depth: int = 0) -> Any:
    """Returns a JSON value, nested at most five levels."""
    kind = dice.random()
    if depth < 5 and kind < 0.25:
        return [value(dice, depth + 1) for _ in range(dice.randrange(4))]
    if depth < 5 and kind < 0.5:
        keys = dice.sample(KEYS, dice.randrange(4))
        return {key: value(dice, depth + 1) for key in keys}
    if kind < 0.6:
        return dice.choice(WORDS)
    if kind < 0.8:
        return dice.choice(TEXTS)
    return dice.choice(NUMBERS)


def near_miss(dice: random.Random) -> Any:
    """Returns a request that is right but for one part."""
    tensor = {"name": "user_id", "shape": [1], "datatype": "BYTES", "data": ["u0"]}
    good: list[dict[str, Any]] = [
        {"instances": ["u0"]},
        {"inputs": ["u0"]},
        {"signature_name": "serving_exclude",
         "instances": [{"user_id": "u0", "exclude_movie_id": ["m0"]}]},
        {"signature_name": "recommend_from_history", "inputs": [["m0"]]},
        {"signature_name": "serving_examples",
         "instances": [{"b64": base64.b64encode(dice.randbytes(9)).decode()}]},
        {"inputs": [tensor]},
        {"inputs": [{**tensor, dice.choice(list(tensor)): value(dice, 3)}]},
        {"history": ["m0"], "k": 5},
    ]  # fmt: skip
    request = dict(dice.choice(good))
    request[dice.choice([*request, dice.choice(KEYS)])] = value(dice, dice.randrange(5))
    return request


def body(dice: random.Random) -> bytes:
    kind = dice.random()
    if kind < 0.15:
        return dice.randbytes(dice.randrange(200))
    if kind < 0.2:
        return dice.choice([b"[", b'{"a":', b'{"instances":[']) * dice.randrange(1, 5000)
    text = json.dumps(near_miss(dice) if kind < 0.75 else value(dice)).encode()
    if kind < 0.3:
        return text[: dice.randrange(len(text) + 1)]
    return text


def path(dice: random.Random) -> str:
    text = quote(dice.choice(TEXTS), safe="")
    number = dice.choice(("0", "1", "101", "-1", "x", "1e9", quote(dice.choice(TEXTS), safe="")))
    return dice.choice(
        (
            f"/users/{text}/recommendations?k={number}&exclude={text}",
            f"/users/{text}/history?limit={number}",
            f"/movies/{text}/similar?k={number}",
            f"/movies?search={text}&limit={number}",
            f"/users?search={text}&limit={number}",
            f"/v1/models/{text}",
            f"/v1/models/tiny/versions/{text}/metadata",
            f"/v2/models/{text}/versions/{number}",
            f"/{text}",
            f"/static/{text}",
        )
    )


@pytest.mark.slow
def test_bad_requests_get_one_sentence_and_the_server_goes_on(served: Served) -> None:
    dice = random.Random(20240229)
    statuses: Counter[int] = Counter()
    for number in range(COUNT):
        if number % 3:
            response = served.client.post(dice.choice(PATHS), content=body(dice))
        else:
            method = dice.choice(("GET", "GET", "GET", "PUT", "HEAD", "OPTIONS"))
            response = served.client.request(method, path(dice))
        statuses[response.status_code] += 1
        assert response.status_code < 500, served.log.getvalue()[-3000:]
        if response.status_code >= 400 and response.request.method != "HEAD":
            (sentence,) = response.json().values()
            assert sentence.isprintable(), sentence
            assert len(sentence) < 1200
    assert statuses[200]
    assert statuses[400] > COUNT / 10
    good = served.client.post(PATHS[0], json={"instances": ["u0"]})
    assert good.json()["predictions"][0]["known"] is True
    assert served.application.inference.batcher.waiting_rows == 0
    assert "internal_error" not in served.log.getvalue()
