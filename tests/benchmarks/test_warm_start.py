from __future__ import annotations

from benchmarks.warm_start import NAME, reached, row


def epochs(*accuracies: float) -> list[dict[str, float]]:
    return [
        {"epoch": number, "seconds": 2.0, NAME: accuracy}
        for number, accuracy in enumerate(accuracies, 1)
    ]


def test_reached_adds_the_seconds_up_to_the_epoch() -> None:
    assert reached(epochs(0.1, 0.3, 0.2), 0.3) == (2, 4.0)
    assert reached(epochs(0.1, 0.2), 0.3) is None


def test_row_asks_both_for_what_the_cold_start_ended_with() -> None:
    cold, warm = epochs(0.2, 0.3985, 0.4), epochs(0.3985, 0.401)
    assert row(9, 1000, cold, warm) == [
        *("9", "1,000"),
        *(".4000", "2 of 3", "4"),
        *(".4010", "1 of 2", "2"),
    ]
    assert row(9, 1000, cold, epochs(0.1))[5:] == [".1000", "not in 1", "–"]
