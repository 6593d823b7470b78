"""The Evaluator on exported models with an approximate index: a bad one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
from tfx.types import artifact_utils, standard_artifacts

from components.evaluator.config import GateConfig
from tests.components.evaluator import synthetic
from tests.components.evaluator.test_executor import Evaluations, Outcome
from tests.components.trainer.large_world import BAD, EXACT, GOOD, Trained, train
from tests.components.trainer.synthetic import user_example

# Every other gate is open.
GATE = GateConfig(min_top_100_accuracy=0, min_popularity_ratio=0, max_drop=1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train(tmp_path_factory.mktemp("large"))


def write_examples(trained: Trained, folder: Path) -> standard_artifacts.Examples:
    (folder / "Split-eval").mkdir(parents=True)
    path = str(folder / "Split-eval" / "examples-00000-of-00001.gz")
    with tf.io.TFRecordWriter(path, "GZIP") as writer:
        for user, movies in trained.world.held_out.items():
            writer.write(user_example(user, movies, trained.world.train[user]))
    examples = synthetic.artifact(standard_artifacts.Examples, folder)
    examples.split_names = artifact_utils.encode_split_names(["train", "eval"])
    return examples


@pytest.fixture(scope="module")
def outcomes(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("evaluations")
    evaluations, found = Evaluations(folder), {}
    examples = write_examples(trained, folder / "users")
    for name, settings in {"exact": EXACT, "good": GOOD, "bad": BAD}.items():
        trained.export(folder / name / "Format-Serving", **settings)
        model = synthetic.artifact(standard_artifacts.Model, folder / name)
        found[name] = evaluations.run(model, evaluations.absent(), GATE, examples)
    return found


def test_bad_index_is_refused(outcomes: dict[str, Outcome]) -> None:
    bad = outcomes["bad"]
    assert not bad.blessed
    assert bad.refused_by() == ["index_recall"]
    assert 0 < bad.decisions[-1].value < 0.95
    assert bad.result.reasons == [
        f"index_recall is {bad.decisions[-1].value:.4f}, at least 0.9500 is required"
    ]


def test_good_index_passes(outcomes: dict[str, Outcome]) -> None:
    # It was measured at .99 on the same users.
    assert outcomes["good"].blessed
    assert outcomes["good"].decisions[-1].value == pytest.approx(0.99, abs=0.01)


def test_exact_index_has_a_recall_of_one(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["exact"].blessed
    assert outcomes["exact"].decisions[-1].value == 1.0
