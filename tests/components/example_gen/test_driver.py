import os

from components.example_gen.config import DataConfig
from components.example_gen.driver import fingerprint

ROWS = ["1::1::5::100", "1::2::4::50"]


def test_fingerprint_changes_with_every_file_of_the_data(write_1m):
    root = write_1m(ROWS)
    seen = {fingerprint(str(root), ["*"], DataConfig())}
    for name in ("ratings.dat", "movies.dat", "users.dat"):
        path = root / name
        # As many bytes as before, changed within the same second.
        stat = path.stat()
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
        seen.add(fingerprint(str(root), ["*"], DataConfig()))
    assert len(seen) == 4


def test_fingerprint_stays_where_other_files_change(write_1m):
    root = write_1m(ROWS)
    before = fingerprint(str(root), ["*"], DataConfig())
    (root / "README").write_text("x")
    (root / "runs").mkdir()
    (root / "runs" / "ratings.dat").write_text("x")
    assert fingerprint(str(root), ["*"], DataConfig()) == before


def test_fingerprint_is_the_same_wherever_the_folder_is(write_1m, tmp_path):
    root = write_1m(ROWS)
    before = fingerprint(str(root), ["*"], DataConfig())
    root.rename(tmp_path / "moved")
    assert fingerprint(str(tmp_path / "moved"), ["*"], DataConfig()) == before
