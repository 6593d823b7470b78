import os

import pytest
from tfx.proto import example_gen_pb2, range_config_pb2

from components.errors import DataError
from components.example_gen.config import DataConfig
from components.example_gen.driver import RatingsDriver, RatingsInputProcessor, fingerprint

ROWS = ["1::1::5::100", "1::2::4::50"]


def processor(root, pattern="*", span=None):
    splits = [example_gen_pb2.Input.Split(name="all", pattern=pattern)]
    static = range_config_pb2.StaticRange(start_span_number=span or 0, end_span_number=span or 0)
    chosen = None if span is None else range_config_pb2.RangeConfig(static_range=static)
    return RatingsDriver(None).get_input_processor(splits, chosen, str(root))


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


def test_processor_without_span(write_1m):
    actual = processor(write_1m(ROWS))
    assert isinstance(actual, RatingsInputProcessor)
    assert actual.resolve_span_and_version() == (0, None)
    assert "ratings.dat" in actual.get_input_fingerprint(0, None)


def test_processor_takes_the_newest_span_and_version(write_1m, tmp_path):
    for folder in ("span-2/v1", "span-10/v1", "span-10/v2", "span-9/v7"):
        write_1m(ROWS, folder=f"data/{folder}")
    actual = processor(tmp_path / "data", "span-{SPAN}/v{VERSION}/*")

    assert actual.resolve_span_and_version() == (10, 2)
    assert actual.get_pattern_for_span_version("span-{SPAN}/v{VERSION}/*", 10, 2) == "span-10/v2/*"
    assert "span-10/v2/ratings.dat" in actual.get_input_fingerprint(10, 2)
    assert "span-9" not in actual.get_input_fingerprint(10, 2)


def test_processor_takes_the_span_that_is_asked_for(write_1m, tmp_path):
    for folder in ("span-2", "span-3"):
        write_1m(ROWS, folder=f"data/{folder}")
    assert processor(tmp_path / "data", "span-{SPAN}/*", 2).resolve_span_and_version() == (2, None)


def test_processor_fingerprint_covers_the_shared_catalogue(write_1m, tmp_path):
    root = write_1m(ROWS)
    (root / "span-1").mkdir()
    (root / "ratings.dat").rename(root / "span-1" / "ratings.dat")
    actual = processor(root, "span-{SPAN}/*").get_input_fingerprint(1, None)
    assert [line.split(",")[0] for line in actual.splitlines()] == [
        "span-1/ratings.dat",
        "movies.dat",
        "users.dat",
    ]


def test_processor_says_in_users_terms_that_there_is_no_span(tmp_path):
    (tmp_path / "span-x").mkdir()
    with pytest.raises(DataError, match=r"data root .*span-\{SPAN\}"):
        processor(tmp_path, "span-{SPAN}/*").resolve_span_and_version()


def test_processor_refuses_a_missing_folder(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        processor(tmp_path / "none").get_input_fingerprint(0, None)
