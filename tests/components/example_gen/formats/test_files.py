import os

import pytest

from components.errors import DataError
from components.example_gen.formats import files


@pytest.fixture(params=["local", "remote"])
def root(request, tmp_path):
    """A folder with two files and a folder, on disk and in TensorFlow's file system in memory."""
    if request.param == "local":
        (tmp_path / "below").mkdir()
        (tmp_path / "a.dat").write_bytes(b"0123456789")
        (tmp_path / "b.dat").write_bytes(b"")
        return str(tmp_path)
    import tensorflow as tf

    folder = f"ram://files{tmp_path}"
    tf.io.gfile.makedirs(f"{folder}/below")
    for name, content in (("a.dat", b"0123456789"), ("b.dat", b"")):
        with tf.io.gfile.GFile(f"{folder}/{name}", "wb") as file:
            file.write(content)
    return folder


def test_files_are_found_and_read(root):
    path = f"{root}/a.dat"
    found = [name.rstrip("/") for name in files.matching_all(root, "*")]
    assert found == [path, f"{root}/b.dat", f"{root}/below"]
    assert files.matching_all(root, "none*") == []
    assert [name.rstrip("/") for name in files.children(root)] == ["a.dat", "b.dat", "below"]
    assert files.read_bytes(path) == b"0123456789"
    assert files.read_bytes(path, 3, 4) == b"456"
    assert (files.size(path), files.size(f"{root}/b.dat")) == (10, 0)
    if "://" not in root:  # the file system in memory keeps no times
        assert files.modified_ns(path) == os.stat(path).st_mtime_ns
    assert files.is_dir(root)
    assert not files.is_dir(path)
    assert files.exists(path)
    assert not files.exists(f"{root}/none")


def test_create_binary_writes_below_new_folders(root):
    files.make_dirs(f"{root}/new/er")
    with files.create_binary(f"{root}/new/er/c") as file:
        file.write(b"xyz")
    assert files.read_bytes(f"{root}/new/er/c") == b"xyz"


def test_open_binary_that_may_not_be_read_is_the_users_to_mend(monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "open_regular", refuse)
    with pytest.raises(DataError, match=r"/d/ratings\.dat: cannot be read \(Permission denied\)"):
        files.open_binary("/d/ratings.dat")


def test_open_binary_does_not_wait_at_a_named_pipe(tmp_path):
    os.mkfifo(tmp_path / "ratings.dat")
    with pytest.raises(DataError, match="not a regular file"):
        files.open_binary(str(tmp_path / "ratings.dat"))
