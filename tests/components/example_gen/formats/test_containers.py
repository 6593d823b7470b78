import bz2
import gzip
import zipfile

import pytest

from components.errors import DataError
from components.example_gen.formats import containers

CONTENT = b"user,item\n1,2\n"


def zstd(data):
    import pyarrow as pa

    return pa.compress(data, codec="zstd", asbytes=True)


def write_zip(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:])),
        ("bzip2", bz2.compress),
        ("zstd", zstd),
        ("", bytes),
    ],
)
def test_content_is_read_without_its_compression(tmp_path, name, pack):
    path = tmp_path / "f"
    path.write_bytes(pack(CONTENT))
    assert containers.compression(path.read_bytes()) == name
    assert containers.read_head(str(path), 1000) == CONTENT
    assert containers.read_head(str(path), 4) == b"user"


def test_zip_of_one_file_is_read_and_of_two_refused(tmp_path):
    path = tmp_path / "f.zip"
    write_zip(path, ratings__csv=CONTENT)
    assert containers.read_head(str(path), 1000) == CONTENT
    write_zip(path, a=CONTENT, b=CONTENT)
    with pytest.raises(DataError, match=r"f\.zip: a zip archive of 2 files; accepted is one"):
        containers.read_head(str(path), 1000)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstd])
def test_damaged_content_is_refused_in_one_line(tmp_path, pack):
    path = tmp_path / "f"
    packed = pack(CONTENT * 1000)
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError, match="damaged or incomplete"):
        containers.read_head(str(path), 1 << 20)


def test_excel_and_others_are_refused_with_what_to_do(tmp_path):
    path = tmp_path / "f.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", "x")
    with pytest.raises(DataError, match=r"f\.xlsx: this is an Excel workbook; save it as CSV"):
        containers.read_head(str(path), 10)
    path.write_bytes(b"SQLite format 3\0")
    with pytest.raises(DataError, match="SQLite database; export the table as CSV"):
        containers.read_head(str(path), 10)


def test_plain_name_leaves_the_suffix_of_a_compression_out():
    assert containers.plain_name("/d/ratings.csv.gz") == "ratings.csv"
    assert containers.plain_name("/d/ratings.csv") == "ratings.csv"
