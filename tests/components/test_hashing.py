import numpy as np

from components.hashing import splitmix64, to_fraction


def test_splitmix64_gives_the_published_sequence():
    # The first outputs of the generator with the seed 1234567; its state grows by the golden ratio.
    states = np.uint64(1234567) + np.arange(1, 4, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    assert splitmix64(states).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_to_fraction_is_below_one():
    bits = np.array([0, 1 << 63, (1 << 64) - 1], np.uint64)
    assert to_fraction(bits).tolist() == [0.0, 0.5, 1 - 2.0**-53]
