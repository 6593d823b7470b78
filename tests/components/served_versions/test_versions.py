"""Which folder is taken for the live version."""

from pathlib import Path

from components.served_versions.versions import find_live, is_complete, is_version


def write_version(folder: Path, name: str, shards: int = 1) -> Path:
    """Writes the files by which a complete SavedModel is known."""
    variables = folder / name / "variables"
    variables.mkdir(parents=True)
    (folder / name / "saved_model.pb").write_bytes(b"graph")
    (variables / "variables.index").write_bytes(b"index")
    for shard in range(shards):
        (variables / f"variables.data-{shard:05}-of-{shards:05}").write_bytes(b"values")
    return folder / name


def test_find_live_without_folder_or_versions_is_none(tmp_path: Path) -> None:
    assert find_live(tmp_path / "none") is None
    assert find_live(tmp_path) is None


def test_find_live_newest_is_greatest_number_not_last_name(tmp_path: Path) -> None:
    # As text "9" comes after "10".
    write_version(tmp_path, "9")
    newest = write_version(tmp_path, "10")
    assert find_live(tmp_path) == ("10", newest)
    assert find_live(str(tmp_path)) == ("10", newest)


def test_find_live_half_written_newer_version_is_passed_over(tmp_path: Path) -> None:
    complete = write_version(tmp_path, "5", shards=2)
    missing = (
        "saved_model.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00002",
        "variables/variables.data-00001-of-00002",
    )
    for number, name in enumerate(missing):
        (write_version(tmp_path, f"{6 + number}", shards=2) / name).unlink()
    (tmp_path / "20").mkdir()
    assert find_live(tmp_path) == ("5", complete)


def test_find_live_junk_is_ignored(tmp_path: Path) -> None:
    version = write_version(tmp_path, "3")
    for junk in ("v4", "4.tmp", ".incoming-5", "-6", "9" * 19, "٧"):
        write_version(tmp_path, junk)
    (tmp_path / "8").write_text("a file, not a folder")
    assert find_live(tmp_path) == ("3", version)


def test_find_live_path_that_is_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert find_live(tmp_path / "file") is None


def test_is_version_digits_that_fit_into_int64() -> None:
    names = ["1", "1700000000", "", "1e5", "9" * 19]
    assert [name for name in names if is_version(name)] == ["1", "1700000000"]


def test_is_complete_without_folder(tmp_path: Path) -> None:
    assert not is_complete(tmp_path / "none")
