"""A sample of the users of eval, where measuring all of them would take long.

The sample is drawn by a hash of the user id: it is the same for the model and the live model, in
every run, on every machine.
"""

from __future__ import annotations

import copy
import os

import numpy as np
import tensorflow as tf
from tfx import types
from tfx.dsl.io import fileio
from tfx.types import artifact_utils

from components.contracts.example_artifacts import split_files
from components.contracts.example_readers import BATCH, records
from components.contracts.examples import EVAL, USER_ID

_SHARDS = 4  # so that several workers can read the sample
_SALT = "measured:"
_BUCKETS = 1 << 62


def sample_users(
    examples: list[types.Artifact], users: int, folder: str
) -> tuple[list[types.Artifact], int]:
    """Returns the Examples of so many users of eval, or the Examples as they are.

    Args:
        examples: Artifacts with the split eval, gzip TFRecords of one Example per user.
        users: Number of users; 0 for all.
        folder: Where the sample is written, if there are more users.

    Returns:
        Artifacts with the split eval of the users that are measured, and the number of all users of
        eval; 0 where `users` is 0: nobody counted them.
    """
    files = split_files(examples, EVAL)
    if not users:
        return examples, 0
    hashes = np.concatenate(
        [np.zeros(0, np.int64), *(_hashes(block).numpy() for block in records(files).batch(BATCH))]
    )
    if len(hashes) <= users:
        return examples, len(hashes)
    artifact = copy.deepcopy(artifact_utils.get_single_instance(examples))
    artifact.uri = folder
    artifact.split_names = artifact_utils.encode_split_names([EVAL])
    _write(files, np.partition(hashes, users - 1)[users - 1], artifact)
    return [artifact], len(hashes)


def _hashes(examples: tf.Tensor) -> tf.Tensor:
    """Returns the hash of the user id of serialised Examples, string [batch]: int64 [batch]."""
    spec = {USER_ID: tf.io.FixedLenFeature([], tf.string)}
    ids = tf.io.parse_example(examples, spec)[USER_ID]
    return tf.strings.to_hash_bucket_fast(tf.strings.join([_SALT, ids]), _BUCKETS)


def _write(files: list[str], largest_hash: int, artifact: types.Artifact) -> None:
    """Writes the Examples whose hash is at most the largest, in several files."""
    folder = artifact_utils.get_split_uri([artifact], EVAL)
    fileio.makedirs(folder)
    writers = [
        tf.io.TFRecordWriter(os.path.join(folder, f"sample-{number}.gz"), "GZIP")
        for number in range(_SHARDS)
    ]
    written = 0
    for block in records(files).batch(BATCH):
        for example in tf.boolean_mask(block, _hashes(block) <= largest_hash).numpy():
            writers[written % _SHARDS].write(example)
            written += 1
    for writer in writers:
        writer.close()
