"""The files beside the graph: read back as servers read them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from components.contracts.saved_model import CATALOGUE, WARM_UP_REQUESTS, signature_inputs
from components.trainer.export.served_files import WARM_UP_ROWS, write_served_files
from components.trainer.inputs.catalogue import Catalogue


def bytes_objects(*texts: str) -> np.ndarray:
    array = np.empty(len(texts), object)
    array[:] = [text.encode() for text in texts]
    return array


CATALOGUE_OF_TWO = Catalogue(
    bytes_objects("1", 'x"2'),
    bytes_objects("One", "Two\u202e"),
    {"genres": [(b"Drama", "Kömödie".encode()), ()], "year": [(b"1999",), ()]},
)


def test_catalogue_has_genres_and_year_of_each_movie(tmp_path: Path) -> None:
    write_served_files(str(tmp_path), CATALOGUE_OF_TWO, ())
    lines = (tmp_path / CATALOGUE).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"movie_id": "1", "genres": ["Drama", "Kömödie"], "year": 1999},
        {"movie_id": 'x"2', "genres": [], "year": None},
    ]


def test_warm_up_requests_call_every_signature(tmp_path: Path) -> None:
    write_served_files(str(tmp_path), CATALOGUE_OF_TWO, ("gender",))
    called: dict[str, list[int]] = {}
    for record in tf.data.TFRecordDataset(str(tmp_path / WARM_UP_REQUESTS)):
        log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        request = log.predict_log.request
        inputs = {name: tf.make_ndarray(proto) for name, proto in request.inputs.items()}
        name = request.model_spec.signature_name
        assert set(inputs) == set(signature_inputs(("gender",))[name])
        (rows,) = {array.shape[0] for array in inputs.values()}
        called.setdefault(name, []).append(rows)
    assert called == {name: list(WARM_UP_ROWS) for name in signature_inputs(("gender",))}


def test_both_files_are_the_same_again(tmp_path: Path) -> None:
    # A rerun that trains the same model must find that it is live already.
    for name in ("one", "two"):
        write_served_files(str(tmp_path / name), CATALOGUE_OF_TWO, ())
    for file in (CATALOGUE, WARM_UP_REQUESTS):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
