from __future__ import annotations

from pathlib import Path
from types import ModuleType

import farmhash
import pytest
import tensorflow as tf

from tests import module_file

STAND_IN = Path(__file__).parents[2] / "requirements" / "compatible" / "farmhash.py"
# Each length at which the algorithm takes another branch, and both of its neighbours.
LENGTHS = [
    0,
    1,
    3,
    4,
    5,
    7,
    8,
    9,
    12,
    13,
    16,
    17,
    24,
    25,
    32,
    33,
    40,
    41,
    63,
    64,
    65,
    128,
    129,
    300,
]


@pytest.fixture(scope="module")
def stand_in() -> ModuleType:
    return module_file.load(STAND_IN, "farmhash_stand_in")


@pytest.mark.parametrize("length", LENGTHS)
def test_fingerprint64_is_tensorflows_farmhash64(stand_in: ModuleType, length: int) -> None:
    text = bytes(97 * i % 251 for i in range(length))
    expected = tf.fingerprint([text], method="farmhash64").numpy()[0].tobytes()
    assert stand_in.fingerprint64(text) == int.from_bytes(expected, "little")


@pytest.mark.parametrize(
    ("text", "expected"),
    # What pyfarmhash 0.3.2, compiled from Google's C++, returns: one text for each branch.
    [
        ("a", 1016544589),
        ("user_id", 886157827),
        ("a name of up to 24", 508072647),
        ("a name of more than sixteen", 1609130355),
        ("é" * 50, 477034315),
    ],
)
def test_fingerprint32_is_the_original(stand_in: ModuleType, text: str, expected: int) -> None:
    assert stand_in.fingerprint32(text) == expected


def test_fingerprints_are_those_of_the_installed_package(stand_in: ModuleType) -> None:
    if str(farmhash.__file__).endswith(".py"):
        pytest.skip("the compatible stack: the stand-in itself is what is installed")
    for length in LENGTHS:
        text = "".join(chr(33 + 7 * i % 90) for i in range(length))
        assert stand_in.fingerprint32(text) == farmhash.fingerprint32(text)
        assert stand_in.fingerprint64(text) == farmhash.fingerprint64(text)
