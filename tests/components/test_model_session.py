"""A session answers as the model that `tf.saved_model.load` loads, and is freed."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.model_session import ModelSession, string_array
from tests.components.serving_check.tiny_index import CATALOGUE, INPUTS, TinyIndex


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    TinyIndex().save(path)
    return path


@pytest.mark.parametrize("optimize", [True, False])
@pytest.mark.parametrize(
    ("signature", "key", "values"),
    [
        ("serving_default", "user_id", ["u0", "nobody", "u2", ""]),
        ("similar_movies", "movie_id", ["m3", "", "m11"]),
        ("serving_default", "user_id", []),
    ],
)
def test_call_answers_as_the_loaded_model_does(
    model: Path, signature: str, key: str, values: list[str], optimize: bool
) -> None:
    loaded = tf.saved_model.load(str(model))
    expected = loaded.signatures[signature](**{key: tf.constant(values, tf.string)})
    answer = ModelSession(model, optimize=optimize).call(signature, {key: string_array(values)})
    assert set(answer) == set(expected)
    for name, tensor in expected.items():
        array = tensor.numpy()
        assert answer[name].dtype == array.dtype
        assert answer[name].shape == array.shape
        if name == "score":  # the runtime may compute constants ahead, in another order
            np.testing.assert_allclose(answer[name], array, rtol=1e-5, atol=1e-6)
        else:
            np.testing.assert_array_equal(answer[name], array)


def test_strings_are_bytes_objects_with_an_empty_tail(model: Path) -> None:
    # u2 has seen all movies but m11.
    answer = ModelSession(model).call("serving_default", {"user_id": string_array(["u2"])})
    assert answer["movie_id"][0].tolist() == [b"m11"] + [b""] * (len(CATALOGUE) - 1)
    assert type(answer["movie_id"][0, 0]) is bytes
    titles = ModelSession(model).call("serving_raw", {"user_id": string_array(["u0"])})["title"]
    assert "L'été ★".encode() in titles[0].tolist()


def test_signatures_are_those_of_the_model_with_their_inputs(model: Path) -> None:
    actual = {
        name: {key: spec.shape.rank for key, spec in signature.inputs.items()}
        for name, signature in ModelSession(str(model)).signatures.items()
    }
    assert actual == INPUTS


def test_optimize_off_leaves_the_graph_as_it_is(model: Path) -> None:
    options = [
        ModelSession(model, **arguments)._session._config.graph_options.rewrite_options
        for arguments in ({}, {"optimize": True}, {"optimize": False})
    ]
    assert [option.disable_meta_optimizer for option in options] == [False, False, True]


def test_session_is_freed_when_nothing_refers_to_it(model: Path) -> None:
    session = ModelSession(model)
    session.call("serving_default", {"user_id": string_array(["u0"])})
    parts = [weakref.ref(session), weakref.ref(session._session)]
    gc.disable()  # so that it does not depend on when Python looks for cycles
    try:
        del session
        assert [part() for part in parts] == [None, None]
    finally:
        gc.enable()


def test_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="SavedModel"):
        ModelSession(tmp_path)


def test_string_array_bytes_that_are_no_utf8_come_back() -> None:
    array = string_array(["é", "Caf\udce9", "", "a\0"])
    assert array.tolist() == ["é".encode(), b"Caf\xe9", b"", b"a\0"]
    assert array.dtype == object
    assert string_array([]).shape == (0,)
