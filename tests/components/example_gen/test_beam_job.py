import pickle

import pyarrow as pa
import pytest

from components.example_gen import beam_job
from components.example_gen.config import SplitConfig
from components.example_gen.reading import ratings
from components.example_gen.reading.ratings import Rules


def table(users):
    return pa.table(
        [users, ["m"] * len(users), [3.0] * len(users), list(range(len(users)))],
        schema=ratings.SCHEMA,
    )


def test_bucket_of_never_changes():
    # CRC-32 of "123456789" is 0xCBF43926, the check value of the algorithm.
    assert beam_job.bucket_of("123456789", 1 << 32) == 0xCBF43926
    assert beam_job.bucket_of("123456789", 10) == 0xCBF43926 % 10


@pytest.mark.parametrize("buckets", [1, 3, 64])
def test_partition_keeps_users_together_and_rows_in_order(buckets):
    users = [str(n % 17) for n in range(100)]
    parts = dict(beam_job.partition(table(users), buckets))

    assert sum(part.num_rows for part in parts.values()) == 100
    for bucket, part in parts.items():
        assert {beam_job.bucket_of(user, buckets) for user in part["user"].to_pylist()} == {bucket}
        assert part["timestamp"].to_pylist() == sorted(part["timestamp"].to_pylist())


def test_partition_of_nothing_yields_nothing():
    assert list(beam_job.partition(table([]), 4)) == []


def test_partition_sends_no_more_than_its_rows():
    # Slices of Arrow tables would be pickled with all of the table they come from.
    whole = table([str(n) for n in range(10_000)])
    size = len(pickle.dumps(whole))
    parts = [len(pickle.dumps(part)) for _, part in beam_job.partition(whole, 8)]
    assert max(parts) < size / 4
    assert sum(parts) < size * 1.2


def test_steps_and_their_arguments_can_be_pickled():
    pickle.dumps((beam_job.parse_block, Rules(0, 5, pa.array(["1"])), 2))
    pickle.dumps((beam_job.merge_bucket, True))
    pickle.dumps((beam_job.write_bucket, SplitConfig(), 2, "/x"))
