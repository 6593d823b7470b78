from __future__ import annotations

from typing import Any

import pytest

from components.config import key_of

GIVEN: dict[str, Any] = {
    "trainer": {"epochs": 0, "hidden_layers": [8, 0]},
    "tuner": {"space": {"dropout": {"min": 0.5}}},
    "serving": {"tls_certificate": "c.pem"},
}


@pytest.mark.parametrize(
    ("location", "key"),
    [
        (("trainer",), "trainer"),
        (("trainer", "epochs"), "trainer.epochs"),
        # Names of the members of a union are no keys.
        (("trainer", "epochs", "constrained-int"), "trainer.epochs"),
        (("trainer", "epochs", "literal['auto']"), "trainer.epochs"),
        (("tuner", "space", "dropout", "Range", "min"), "tuner.space.dropout.min"),
        (("trainer", "hidden_layers", 1), "trainer.hidden_layers.1"),
        # A key that is missing, or whose default is wrong beside what is given.
        (("tuner", "space", "dropout", "Range", "max"), "tuner.space.dropout.max"),
        (("serving", "tls_key"), "serving.tls_key"),
    ],
)
def test_key_of_names_the_setting(location: tuple[str | int, ...], key: str) -> None:
    assert key_of(location, GIVEN) == key
