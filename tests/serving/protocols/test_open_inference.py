"""The Open Inference Protocol v2."""

from __future__ import annotations

import copy

import pytest

from tests.serving.conftest import FIRST_VERSION, Served
from tests.serving.tiny_model import K

MODEL = "/v2/models/tiny"
USERS = {"name": "user_id", "shape": [2], "datatype": "BYTES", "data": ["u0", "nobody"]}


def test_health_and_server(served: Served) -> None:
    assert served.client.get("/v2/health/live").json() == {"live": True}
    assert served.client.get("/v2/health/ready").json() == {"ready": True}
    assert set(served.client.get("/v2").json()) == {"name", "version", "extensions"}
    assert served.client.get("/v2/").json() == served.client.get("/v2").json()


@pytest.mark.parametrize("path", [MODEL, f"{MODEL}/versions/{FIRST_VERSION}"])
def test_metadata_and_readiness_of_the_model(served: Served, path: str) -> None:
    metadata = served.client.get(path).json()
    assert metadata["name"] == "tiny"
    assert metadata["versions"] == [str(FIRST_VERSION)]
    assert metadata["inputs"] == [{"name": "user_id", "datatype": "BYTES", "shape": [-1]}]
    outputs = {one["name"]: (one["datatype"], one["shape"]) for one in metadata["outputs"]}
    assert outputs == {
        "movie_id": ("BYTES", [-1, K]),
        "title": ("BYTES", [-1, K]),
        "score": ("FP32", [-1, K]),
        "known": ("BOOL", [-1]),
    }
    assert served.client.get(f"{path}/ready").status_code == 200


@pytest.mark.parametrize("path", [MODEL, f"{MODEL}/versions/{FIRST_VERSION}"])
def test_infer_answers_flat_tensors(served: Served, path: str) -> None:
    answer = served.client.post(f"{path}/infer", json={"id": "42", "inputs": [USERS]}).json()
    assert (answer["id"], answer["model_name"]) == ("42", "tiny")
    assert answer["model_version"] == str(FIRST_VERSION)
    outputs = {one["name"]: one for one in answer["outputs"]}
    assert outputs["known"]["data"] == [True, False]
    assert outputs["movie_id"]["shape"] == [2, K]
    assert outputs["movie_id"]["data"] == [
        "m0", "m1", "m2", "m3", "m4", "m5", "m4", "m3", "m2", "m1"
    ]  # fmt: skip


def test_infer_gives_the_outputs_that_are_asked_for(served: Served) -> None:
    body = {"inputs": [USERS], "outputs": [{"name": "known"}]}
    answer = served.client.post(f"{MODEL}/infer", json=body).json()
    assert [one["name"] for one in answer["outputs"]] == ["known"]
    assert "id" not in answer


@pytest.mark.parametrize("data", [["m0", "", "m1", "m2"], [["m0", ""], ["m1", "m2"]]])
def test_infer_takes_flat_and_nested_data_and_a_signature(served: Served, data: list) -> None:
    tensor = {"name": "movie_id", "shape": [2, 2], "datatype": "BYTES", "data": data}
    body = {
        "parameters": {"signature_name": "recommend_from_history"},
        "inputs": [tensor],
        "outputs": [{"name": "movie_id"}],
    }
    (output,) = served.client.post(f"{MODEL}/infer", json=body).json()["outputs"]
    # Each without its own history, in the order of the catalogue.
    assert output["data"][:K] == ["m1", "m2", "m3", "m4", "m5"]
    assert output["data"][K:] == ["m0", "m3", "m4", "m5", ""]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"inputs": None}, "inputs: a list of tensors is expected"),
        ({"inputs": []}, "inputs: user_id are expected, each once"),
        ({"inputs": [USERS, USERS]}, "inputs: user_id are expected, each once"),
        ({"inputs": [{**USERS, "name": "x"}]}, "inputs: user_id are expected, each once"),
        ({"inputs": [{**USERS, "name": ["x"]}]}, "inputs: user_id are expected, each once"),
        ({"inputs": [{**USERS, "datatype": "FP32"}]}, "input user_id: the datatype BYTES is"),
        ({"inputs": [{**USERS, "shape": [3]}]}, "input user_id: the shape [3] has 3 values, data"),
        ({"inputs": [{**USERS, "shape": [1, 2]}]}, "input user_id: the shape [1, 2] is not [n]"),
        ({"inputs": [{**USERS, "shape": [-1]}]}, "input user_id: shape must be a list of numbers"),
        ({"inputs": [{**USERS, "shape": [2**62]}]}, "input user_id: shape must be a list of"),
        ({"inputs": [{**USERS, "data": "u0"}]}, "input user_id: data must be a list"),
        ({"inputs": [{**USERS, "data": ["u0", 1]}]}, "JSON Value: 1 Type: Number is not of"),
        ({"outputs": [{"name": "x"}]}, "outputs: no output 'x'; there are"),
        ({"outputs": {"name": "known"}}, "outputs: a list of objects with a name is expected"),
        ({"parameters": {"signature_name": "x"}}, "parameters.signature_name: no signature 'x'"),
        ({"parameters": [1]}, "parameters: an object is expected"),
        ({"id": 5}, "id: a text is expected, not 5"),
    ],
)
def test_infer_refuses_with_one_sentence(served: Served, change: dict, sentence: str) -> None:
    body = copy.deepcopy({"inputs": [USERS], **change})
    response = served.client.post(f"{MODEL}/infer", json=body)
    assert response.status_code == 400
    assert response.json()["error"].startswith(sentence)


@pytest.mark.parametrize("path", ["/v2/models/x", f"{MODEL}/versions/8", "/v2/models/x/ready"])
def test_other_models_and_versions_are_not_found(served: Served, path: str) -> None:
    response = served.client.get(path)
    assert response.status_code == 404
    assert response.json()["error"].startswith("no ")


def test_binary_tensors_are_refused(served: Served) -> None:
    headers = {"Inference-Header-Content-Length": "10"}
    response = served.client.post(f"{MODEL}/infer", content=b"{}", headers=headers)
    assert response.status_code == 400
    assert "binary tensor extension is not offered" in response.json()["error"]
