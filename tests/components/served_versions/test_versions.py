"""Which folder is taken for the live version."""

from pathlib import Path

import pytest

from components.served_versions.versions import all_versions, find_live, is_complete, is_version


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
    versions = ["0", "1", "007", "1700000000", "9" * 18, str(2**63 - 1)]
    others = ["", "1e5", "-1", "+1", " 1", "1_0", "٧", "１２", "²", str(2**63), "9" * 400, "1\n"]
    assert [name for name in versions + others if is_version(name)] == versions


# Beside a whole model: what copying, editing and packing tools leave, and what no tool can mean.
JUNK = (
    "variables.data-00000-of-00001.part",
    "variables.data-00000-of-00001~",
    "variables.data-00000-of-00001.tmp",
    ".variables.data-00000-of-00001.swp",
    "variables.data-00000-of-",
    "variables.data--of-00001",
    "variables.data-00000-of-00002",
    "variables.data-00007-of-00003",
    "variables.data-00000-of-00000",
    "variables.data-٠٠٠٠٠-of-٠٠٠٠١",
    "variables.data-00000-of-999999999",
    f"variables.data-00000-of-{'9' * 200}",
    "variables.data-x-of-y",
    "notes.txt",
)


@pytest.mark.parametrize("junk", JUNK)
def test_is_complete_passes_over_files_of_other_names(tmp_path: Path, junk: str) -> None:
    whole, broken = write_version(tmp_path, "1"), write_version(tmp_path, "2", shards=2)
    (broken / "variables" / "variables.data-00001-of-00002").unlink()
    for version in (whole, broken):
        (version / "variables" / junk).write_bytes(b"")
    assert is_complete(whole)
    assert not is_complete(broken)


@pytest.mark.parametrize("junk", JUNK)
def test_is_complete_other_names_alone_are_no_values(tmp_path: Path, junk: str) -> None:
    version = write_version(tmp_path, "1", shards=0)
    (version / "variables" / junk).write_bytes(b"")
    assert not is_complete(version)


def test_is_complete_a_folder_in_place_of_a_file_is_none(tmp_path: Path) -> None:
    version = write_version(tmp_path, "1", shards=0)
    (version / "variables" / "variables.data-00000-of-00001").mkdir()
    assert not is_complete(version)
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "variables").write_bytes(b"a file, not a folder")
    (tmp_path / "2" / "saved_model.pb").write_bytes(b"graph")
    assert not is_complete(tmp_path / "2")


@pytest.mark.parametrize("junk", ["9" * 200, "٩٩٩", "１２", "0x7", "7 ", "7.0", "7~", str(2**63)])
def test_find_live_names_that_are_no_version_are_passed_over(tmp_path: Path, junk: str) -> None:
    version = write_version(tmp_path, "3")
    write_version(tmp_path, junk)
    assert find_live(tmp_path) == ("3", version)
    assert all_versions(tmp_path) == [(3, version)]


def test_is_complete_without_folder(tmp_path: Path) -> None:
    assert not is_complete(tmp_path / "none")
