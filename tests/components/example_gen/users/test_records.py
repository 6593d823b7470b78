import pytest
import tensorflow as tf

from components.example_gen.users import records


def read(path):
    return list(tf.data.TFRecordDataset(path, "GZIP").as_numpy_iterator())


def test_shard_path_is_named_as_tfx_does():
    assert records.shard_path("/x/Split-train", 2, 10) == (
        "/x/Split-train/data_tfrecord-00002-of-00010.gz"
    )


def test_write_records_replaces_a_file_whole(tmp_path):
    path = str(tmp_path / "Split-train" / "data.gz")
    records.write_records(path, [b"old"])
    records.write_records(path, iter([b"a", b"b"]))
    assert read(path) == [b"a", b"b"]
    assert [item.name for item in (tmp_path / "Split-train").iterdir()] == ["data.gz"]


def test_write_records_that_fails_leaves_the_split_as_it_was(tmp_path):
    path = str(tmp_path / "Split-train" / "data.gz")
    records.write_records(path, [b"old"])

    def broken():
        yield b"new"
        raise RuntimeError("worker lost")

    with pytest.raises(RuntimeError, match="worker lost"):
        records.write_records(path, broken())

    assert read(path) == [b"old"]
    records.remove_partial(str(tmp_path))
    assert [item.name for item in tmp_path.iterdir()] == ["Split-train"]
