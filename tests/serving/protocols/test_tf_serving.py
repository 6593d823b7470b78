"""TensorFlow Serving's REST API, as its own tests and documents describe it."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import get_model_status_pb2

from tests.serving.conftest import FIRST_VERSION, Served
from tests.serving.tiny_model import MOVIES, K

PREDICT = "/v1/models/tiny:predict"


def error(response) -> str:
    ((key, sentence),) = response.json().items()
    assert key == "error"
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("which", ["", f"/versions/{FIRST_VERSION}", "/labels/live"])
def test_status_is_the_message_of_tensorflow_serving(served: Served, which: str) -> None:
    response = served.client.get(f"/v1/models/tiny{which}")
    message = json_format.Parse(response.text, get_model_status_pb2.GetModelStatusResponse())
    (status,) = message.model_version_status
    assert status.version == FIRST_VERSION
    assert status.state == get_model_status_pb2.ModelVersionStatus.AVAILABLE
    assert (status.status.error_code, status.status.error_message) == (0, "")


def test_metadata_has_every_signature_of_the_saved_model(served: Served) -> None:
    metadata = served.client.get("/v1/models/tiny/metadata").json()
    assert metadata["model_spec"] == {
        "name": "tiny", "signature_name": "", "version": str(FIRST_VERSION)
    }  # fmt: skip
    definitions = metadata["metadata"]["signature_def"]["signature_def"]
    signature = definitions["serving_default"]
    assert signature["inputs"]["user_id"]["dtype"] == "DT_STRING"
    assert signature["outputs"]["score"]["tensor_shape"]["dim"][1]["size"] == str(K)
    assert {"serving_exclude", "similar_movies", "recommend_from_history"} <= set(definitions)


@pytest.mark.parametrize("which", ["", f"/versions/{FIRST_VERSION}", "/labels/live"])
def test_predict_row_form_gives_an_object_for_each_instance(served: Served, which: str) -> None:
    response = served.client.post(
        f"/v1/models/tiny{which}:predict", json={"instances": ["u0", "stranger"]}
    )
    known, unknown = response.json()["predictions"]
    assert known["movie_id"] == ["m0", "m1", "m2", "m3", "m4"]
    assert known["known"] is True
    assert unknown["movie_id"] == ["m5", "m4", "m3", "m2", "m1"]
    assert unknown["known"] is False
    assert known["title"][0] == "Movie m0 (one)"


def test_predict_column_form_gives_an_array_for_each_output(served: Served) -> None:
    response = served.client.post(PREDICT, json={"inputs": ["u0", "u1"]})
    outputs = response.json()["outputs"]
    assert np.shape(outputs["movie_id"]) == (2, K)
    assert outputs["known"] == [True, True]


def test_predict_takes_named_inputs_in_both_forms(served: Served) -> None:
    rows = {
        "signature_name": "serving_exclude",
        "instances": [{"user_id": "u0", "exclude_movie_id": ["m0", "m2"]}],
    }
    columns = {
        "signature_name": "serving_exclude",
        "inputs": {"user_id": ["u0"], "exclude_movie_id": [["m0", "m2"]]},
    }
    (row,) = served.client.post(PREDICT, json=rows).json()["predictions"]
    outputs = served.client.post(PREDICT, json=columns).json()["outputs"]
    assert row["movie_id"] == outputs["movie_id"][0] == ["m1", "m3", "m4", "m5", ""]


def test_predict_leaves_out_the_name_of_the_only_output(served: Served) -> None:
    example = tf.train.Example()
    example.features.feature["user_id"].bytes_list.value.append(b"u0")
    encoded = base64.b64encode(example.SerializeToString()).decode()
    body = {"signature_name": "serving_examples", "instances": [{"b64": encoded}]}
    answer = served.client.post(PREDICT, json=body).json()
    assert answer == {"predictions": [list(MOVIES[:K])]}


def test_predict_scores_parse_to_the_float32_of_the_model(served: Served) -> None:
    text = served.client.post(PREDICT, json={"instances": ["u1"]}).text
    scores = json.loads(text)["predictions"][0]["score"]
    assert np.float32(scores).tolist() == [0.0, -1.0, -2.0, -3.0, -4.0]


def test_predict_base64_and_text_are_the_same_string(served: Served) -> None:
    as_bytes = {"b64": base64.b64encode("ü 3".encode()).decode()}
    answer = served.client.post(PREDICT, json={"instances": ["ü 3", as_bytes]}).json()
    first, second = answer["predictions"]
    assert first == second
    assert first["known"] is True


# Sentences that TensorFlow Serving's own tests look for.
@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b"this is a garbage request", "JSON Parse error: Invalid value"),
        (b"[1]", "Is not object"),
        (b"{}", "Missing 'inputs' or 'instances' key"),
        (b'{"instances": ["a"], "inputs": ["a"]}', "expecting only one of 'inputs' or 'instances'"),
        (b'{"instances": "a"}', "Expecting 'instances' to be an list/array"),
        (b'{"instances": []}', "No values in 'instances' array"),
        (b'{"instances": [1.0]}', "is not of expected type: string"),
        (b'{"instances": [null]}', "Type: Null is not of expected type: string"),
        (b'{"signature_name": 5, "instances": ["a"]}', "'signature_name' key must be a string"),
        (b'{"signature_name": "x", "instances": ["a"]}', 'name: "x" not found in signature def'),
        (b'{"instances": ["a", ["b"]]}', "is not of expected type: string"),
        (b'{"instances": [["a"]]}', "input user_id: 1 levels of lists are expected"),
        (b'{"instances": [{"user": "a"}]}', "keys must be equal to: user_id"),
        (b'{"instances": ["a", {"user_id": "b"}]}', "but got object at item 1"),
        (b'{"instances": [{"user_id": "b"}, "a"]}', "Expecting object but got list at item 1"),
        (b'{"inputs": {"user": ["a"]}}', "Missing named input: user_id in 'inputs' object."),
        (b'{"instances": [{"b64": "*"}]}', "Unable to base64 decode"),
        (b'{"instances": ["\xff"]}', "JSON Parse error"),
        (b'{"instances": ["\\ud800"]}', "JSON Parse error"),
        (b"[" * 100_000, "JSON Parse error"),
        (
            b'{"signature_name": "serving_examples", "instances": [{"b64": "9bEiSli3kdg="}]}',
            "the model cannot read the input: a value of it is no serialised Example",
        ),
        (
            b'{"signature_name": "serving_exclude", "instances": ["a"]}',
            "instances is a plain list, but expecting list of objects",
        ),
        (
            b'{"signature_name": "serving_exclude", "instances": ['
            b'{"user_id": "a", "exclude_movie_id": ["x"]},'
            b'{"user_id": "b", "exclude_movie_id": ["x", "y"]}]}',
            "Encountered list at unexpected size: 2",
        ),
        (
            b'{"signature_name": "serving_exclude",'
            b'"inputs": {"user_id": ["a", "b"], "exclude_movie_id": [["x"]]}}',
            "all inputs must have the same number of rows",
        ),
        (
            b'{"signature_name": "serving_examples", "instances": [{"b64": "AAAA"}]}',
            "the model cannot read the input",
        ),
    ],
)
def test_predict_refuses_with_one_sentence(served: Served, body: bytes, part: str) -> None:
    response = served.client.post(PREDICT, content=body)
    assert response.status_code == 400
    assert part in error(response)


@pytest.mark.parametrize(
    ("method", "path", "status", "part"),
    [
        ("GET", "/v1/foo", 400, "Malformed request: GET /v1/foo"),
        ("POST", "/v1/foo", 400, "Malformed request: POST /v1/foo"),
        ("GET", "/v1/models", 400, "Missing model name in request."),
        ("GET", "/v1/models/debug/model_name", 400, "Malformed request"),
        ("POST", "/v1/models", 400, "Malformed request"),
        ("GET", "/v1/models/tiny:predict", 400, "Malformed request"),
        ("GET", "/v1/models/tiny/version/50:predict", 400, "Malformed request"),
        ("POST", "/v1/models/tiny/versions/HELLO:regress", 400, "Malformed request"),
        ("POST", f"/v1/models/tiny/versions/{2**63}:predict", 400, "Failed to convert version"),
        ("POST", "/v1/models/tiny/versions/5/labels/x:predict", 400, "Malformed request"),
        ("POST", "/v1/models/foo:predict", 404, "Servable not found for request: Latest(foo)"),
        (
            "POST",
            "/v1/models/tiny/versions/50:predict",
            404,
            "Servable not found for request: Specific(tiny, 50)",
        ),
        ("POST", "/v1/models/tiny/labels/x:predict", 400, "Unrecognized servable version label"),
        ("GET", "/v1/models/foo", 404, "Could not find any versions of model foo"),
        ("GET", "/v1/models/tiny/versions/50", 404, "Could not find version 50 of model tiny"),
        ("GET", "/v1/models/foo/metadata", 404, "Servable not found for request: Latest(foo)"),
        ("POST", "/v1/models/tiny:classify", 400, "classify is not served"),
        ("GET", "/v1/models/%1b[31m", 404, r"\x1b[31m"),
    ],
)
def test_addresses_that_are_none_are_refused(
    served: Served, method: str, path: str, status: int, part: str
) -> None:
    response = served.client.request(method, path, content=b'{"instances": ["u0"]}')
    assert response.status_code == status
    assert part in error(response)


def test_too_many_instances_are_refused(served: Served) -> None:
    response = served.client.post(PREDICT, json={"instances": ["u0"] * 1025})
    assert response.status_code == 413
    assert error(response) == "1,025 instances are more than 1,024 in one request"


def test_an_id_that_is_too_long_is_refused(served: Served) -> None:
    response = served.client.post(PREDICT, json={"instances": ["ü" * 257]})
    assert response.status_code == 422
    assert error(response) == "input user_id: an id of 514 bytes is longer than 512"


def test_a_list_that_is_too_long_is_refused(served: Served) -> None:
    body = {"signature_name": "recommend_from_history", "inputs": [["m0"] * 1001]}
    response = served.client.post(PREDICT, json=body)
    assert response.status_code == 422
    assert error(response) == "input movie_id: lists of 1,001 are longer than 1,000"
