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
    # U+0085 is a line end to str.splitlines; in ISO-8859-1 files it is the byte 0x85.
    assert text.lines(b"a\x85b\r\nc\rd\n") == ["a\x85b", "c", "d", ""]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("1::2".encode("utf-16"), "this is UTF-16"),
        (b"PK\x03\x04\0\0", "this is a binary file"),
        (b"1::2\r3::4\r", "CR alone"),
    ],
)
def test_check_encoding_refuses(head, kind):
    with pytest.raises(DataError, match=f"ratings.dat: .*{kind}.*accepted"):
        text.check_encoding(head, "ratings.dat")


def test_shorten_cuts_to_a_line():
    assert text.shorten("a\tb\n") == "a b"
    assert text.shorten("x" * 100) == "x" * 79 + "…"
