from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import tensorflow as tf
from tfx import types
from tfx.types import artifact_utils, standard_artifacts

from components.contracts.example_artifacts import split_files
from components.evaluator.user_sample import sample_users
from tests.components.evaluator import synthetic

USERS = [f"user {number}" for number in range(300)]


def write(folder: Path, users: list[str], files: int = 2) -> list[types.Artifact]:
    """Writes the split eval in several files; a user's movie has the user's name."""
    split = folder / "Split-eval"
    split.mkdir(parents=True)
    for number in range(files):
        with tf.io.TFRecordWriter(str(split / f"part-{number}.gz"), "GZIP") as writer:
            for user in users[number::files]:
                values = {"user_id": [user.encode()], "movie_id": [f"of {user}".encode()]}
                writer.write(synthetic.example(values).SerializeToString())
    examples = synthetic.artifact(standard_artifacts.Examples, folder)
    examples.split_names = artifact_utils.encode_split_names(["train", "eval"])
    return [examples]


def read(examples: list[types.Artifact]) -> list[str]:
    """Returns the users of the split eval, after a look at their movies."""
    users = []
    for record in tf.data.TFRecordDataset(split_files(examples, "eval"), "GZIP"):
        features = tf.train.Example.FromString(record.numpy()).features.feature
        (user,) = features["user_id"].bytes_list.value
        assert list(features["movie_id"].bytes_list.value) == [b"of " + user]
        users.append(user.decode())
    return users


@pytest.mark.parametrize("users", [1, 7, 299])
def test_sample_has_so_many_users_each_once(users: int, tmp_path: Path) -> None:
    sample, of = sample_users(write(tmp_path / "all", USERS), users, str(tmp_path / "sample"))
    assert of == 300
    counts = Counter(read(sample))
    assert len(counts) == users
    assert set(counts.values()) == {1}
    assert set(counts) <= set(USERS)


def test_sample_is_the_same_whatever_the_order_of_the_files(tmp_path: Path) -> None:
    one, other = (
        sample_users(write(tmp_path / name, users, files), 40, str(tmp_path / f"{name}-sample"))[0]
        for name, users, files in (("one", USERS, 2), ("other", USERS[::-1], 3))
    )
    assert sorted(read(one)) == sorted(read(other))
    # It is not the first of them, nor the last.
    assert set(read(one)) not in (set(USERS[:40]), set(USERS[-40:]))


def test_a_larger_sample_has_the_users_of_a_smaller_one(tmp_path: Path) -> None:
    examples = write(tmp_path / "all", USERS)
    small, large = (
        set(read(sample_users(examples, users, str(tmp_path / str(users)))[0]))
        for users in (20, 60)
    )
    assert small < large


@pytest.mark.parametrize("users", [300, 301, 25_000])
def test_sample_of_no_more_users_is_all_of_them(users: int, tmp_path: Path) -> None:
    examples = write(tmp_path / "all", USERS)
    sample, of = sample_users(examples, users, str(tmp_path / "sample"))
    assert sample is examples
    assert of == 300
    assert not (tmp_path / "sample").exists()


def test_no_number_takes_all_users_as_they_are(tmp_path: Path) -> None:
    examples = write(tmp_path / "all", USERS)
    sample, of = sample_users(examples, 0, str(tmp_path / "sample"))
    assert sample is examples
    assert of == 0
    assert not (tmp_path / "sample").exists()


def test_sample_of_no_user_is_empty(tmp_path: Path) -> None:
    examples = write(tmp_path / "all", [])
    sample, of = sample_users(examples, 5, str(tmp_path / "sample"))
    assert (read(sample), of) == ([], 0)
