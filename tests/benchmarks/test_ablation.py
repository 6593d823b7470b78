from __future__ import annotations

from pathlib import Path

from benchmarks.ablation import NAMES, OURS, VALIDATION, measure, rows
from tests.benchmarks.synthetic import make_world

SMALL = (
    *VALIDATION["random"],
    "trainer.embedding_dim=8",
    "trainer.linear_rank=0",
    "trainer.batch_size=32",
    "trainer.learning_rate=0.03",
    "trainer.dropout=0.1",
    "trainer.epochs=10",
)


def test_a_variant_that_trains_nothing_is_worse_for_each_seed(tmp_path: Path) -> None:
    training_inputs = make_world(tmp_path).training_inputs()
    nothing = "trainer.learning_rate=0;trainer.weight_decay=0"
    actual = measure(training_inputs, [nothing], [1, 2], SMALL)
    for ours, untrained in zip(actual[OURS], actual[nothing], strict=True):
        # Of 42 unseen movies 5 are of the user's block: a list of 10 has all or few of them.
        assert ours[NAMES[0]] > 0.9 > untrained[NAMES[0]]


def test_rows_have_means_and_differences_by_seed() -> None:
    def figures(*accuracies: float) -> list[dict[str, float]]:
        return [{NAMES[0]: 0.1, NAMES[1]: accuracy} for accuracy in accuracies]

    actual = {OURS: figures(0.4, 0.42), "trainer.epochs=1;trainer.seed=2": figures(0.39, 0.425)}
    assert rows(actual) == [
        ["ours", ".1000", ".4100", ""],
        ["epochs=1;seed=2", ".1000", ".4075", "-0.0100, +0.0050"],
    ]
