import codecs

import pytest

from components.errors import DataError
from components.example_gen.formats import text


def test_decode_prefers_utf8_and_falls_back_to_iso_8859_1():
    assert text.decode("Café".encode()) == "Café"
    assert text.decode("Café".encode("iso-8859-1")) == "Café"


def test_decode_drops_the_byte_order_mark():
    assert text.decode(codecs.BOM_UTF8 + b"userId") == "userId"


def test_lines_split_at_line_ends_only():
    # U+0085 and U+2028 are line ends to str.splitlines.
    assert text.lines("a\x85b\u2028\r\nc\rd\n".encode()) == ["a\x85b\u2028", "c", "d", ""]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_found_with_and_without_its_mark(encoding):
    data = "user,item\n1,2\n".encode(encoding)
    assert text.detect_encoding(data, "ratings.csv") == "utf-16"
    assert text.decode(data, "utf-16") == "user,item\n1,2\n"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"1::2", "utf-8"),
        ("é".encode(), "utf-8"),
        ("é".encode()[:1], "utf-8"),
        (b"\xe9,", "windows-1252"),
    ],
)
def test_detect_encoding_of_one_byte_letters(head, encoding):
    assert text.detect_encoding(head, "ratings.dat") == encoding


def test_decode_reads_windows_1252_and_bytes_that_it_has_not():
    assert text.decode(b"\x93Kite\x94 \xe9", "windows-1252") == "“Kite” é"
    assert text.decode(b"\x81 \xe9", "windows-1252") == "\x81 é"


def test_detect_encoding_names_the_line_of_a_nul():
    with pytest.raises(DataError, match=r"ratings.dat, line 2: a NUL byte.*accepted"):
        text.detect_encoding(b"1::2::3\n4::\0::5\n", "ratings.dat")
