"""The preset next-movie: a planted order is recovered, served and gated."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from tests.e2e.conftest import Done, run

RING, USERS, LENGTH = 120, 400, 12
FAST = (
    "trainer.embedding_dim=32",
    "trainer.epochs=15",
    "trainer.learning_rate=0.01",
    "evaluator.bootstrap_samples=20",
)


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everybody watches movies of a ring one after the other, from another beginning."""
    folder = tmp_path_factory.mktemp("ring")
    lines = ["user,movie,rating,timestamp"]
    for user in range(USERS):
        start = (user * 7) % RING
        for step in range(LENGTH):
            time = 1_600_000_000 + user * 1000 + step * 60
            lines.append(f"u{user},m{(start + step) % RING},5,{time}")
    (folder / "ratings.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def first(ring: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    root = tmp_path_factory.mktemp("next")
    return run(root, "--preset", "next-movie", "--data-root", str(ring), settings=FAST)


def test_next_movie_is_recovered_and_pushed(first: Done) -> None:
    assert first.code == 0, first.screen
    model = first.record["metrics"]["model"]
    # Whoever knows the movies but not their order has two candidates, one at each end.
    assert model["unseen_top_1_accuracy"] > 0.9
    assert model["unseen_ndcg_at_10"] > 0.9
    assert model["unseen_mrr"] > 0.9
    assert model["unseen_popularity_top_10_accuracy"] < 0.3
    assert first.record["training"]["notes"] == []
    assert "NDCG@10" in first.screen


def test_top_10_is_gated(first: Done) -> None:
    (gate,) = [gate for gate in first.record["gate"] if gate["name"] == "unseen_top_10_accuracy"]
    assert gate["passed"]
    assert gate["threshold"] == 0.05


def test_served_model_goes_on_from_the_last_movie(first: Done) -> None:
    (version,) = first.versions()
    folder = first.root / "serving_model" / "movielens" / version
    ask = tf.saved_model.load(str(folder)).signatures["recommend_from_history"]
    asked = tf.constant([["m3", "m4", "m5", "m6", ""], ["m3", "m4", "m5", "m6", "m7"]])
    best = ask(movie_id=asked)["movie_id"].numpy()[:, 0].tolist()
    assert best == [b"m7", b"m8"]


def test_model_of_shuffled_labels_is_refused(first: Done, ring: Path) -> None:
    done = run(
        first.root,
        *("--preset", "next-movie", "--data-root", str(ring)),
        settings=(*FAST, "trainer.shuffle_labels=true", "gate.min_unseen_top_10_accuracy=0.5"),
    )
    assert done.code == 3, done.screen
    assert "unseen_top_10_accuracy is" in done.screen
    assert len(done.versions()) == 1


def test_next_training_may_start_from_the_live_model(first: Done, ring: Path) -> None:
    done = run(
        first.root,
        *("--preset", "next-movie", "--data-root", str(ring)),
        settings=(*FAST, "trainer.warm_start=true", "trainer.seed=7"),
    )
    assert done.code == 0, done.screen
    assert done.record["training"]["start"]["kind"] == "warm"
    assert done.record["metrics"]["model"]["unseen_top_1_accuracy"] > 0.9
