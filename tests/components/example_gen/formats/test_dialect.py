"""Ways to write the same rows; the issue's comparison of sniffers used the same ones."""

import pytest

from components.errors import DataError
from components.example_gen.formats import text
from components.example_gen.formats.dialect import Dialect, Wanted, sample_text, sniff

HEADER = ("userId", "movieId", "rating", "timestamp")
ROWS = [(str(n), str(100 + n % 7), f"{n % 5 + 1}", str(880_000_000 + n)) for n in range(50)]


def lines(delimiter, header=HEADER, rows=ROWS, quote=""):
    table = [header, *rows] if header else rows
    return "\n".join(delimiter.join(quote + v + quote for v in row) for row in table) + "\n"


def found(content, **wanted):
    data = content if isinstance(content, bytes) else content.encode()
    encoding = text.detect_encoding(data, "f")
    return sniff(sample_text(data, encoding, True, "f"), encoding, Wanted(**wanted))[0]


@pytest.mark.parametrize("header", [HEADER, None], ids=["header", "no header"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "::", " "])
def test_sniff_finds_separator_and_header(delimiter, header):
    dialect = found(lines(delimiter, header))
    assert (dialect.delimiter, dialect.header) == (delimiter, header is not None)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (lines(",", quote='"'), Dialect(",", True, True)),
        (lines("\t", quote='"'), Dialect("\t", True, True)),
        (lines("\t"), Dialect("\t", True, False)),
        (lines(",").replace("\n", "\r\n"), Dialect(",", True, True)),
        (lines(",").replace("\n", "\r"), Dialect(",", True, True)),
        (lines(",").encode("utf-16"), Dialect(",", True, True, encoding="utf-16")),
        (lines(",").encode("utf-8-sig"), Dialect(",", True, True)),
        (lines(",", rows=[("é", "1", "2", "3")]).encode("cp1252"),
         Dialect(",", True, True, encoding="windows-1252")),
        ("# by x, y\n# of, today\n" + lines(","), Dialect(",", True, True, skip=2)),
        ("sep=;\n" + lines(";"), Dialect(";", True, True, skip=1)),
        ("".join(f"{n},{line}\n" for n, line in enumerate(lines(",").splitlines())),
         Dialect(",", True, True)),
        ("visitor,video\n" + "a,b\nc,d\n" * 9, Dialect(",", True, True)),
        ("a,b\nc,d\n" * 9, Dialect(",", False, True)),
        ("user;item;note\n" + "1;2;a, b, c, d\n" * 9, Dialect(";", True, True)),
        ('user,item,note\n' + '1,2,"fine,\nreally ""good"""\n3,4,ok\n' * 9,
         Dialect(",", True, True)),
        ('user,item,rating\nu"1,2,3\nu1,2,3\n', Dialect(",", True, True)),
    ],
    ids=[
        *("quoted", "quoted tabs", "tabs", "crlf", "cr", "utf-16", "mark", "windows", "comments"),
        *("excel", "index", "text", "text without header", "commas in text", "line ends"),
        "quote inside",
    ],
)  # fmt: skip
def test_sniff_of_other_ways_to_write(content, expected):
    assert found(content) == expected


def test_sniff_takes_what_is_known():
    dialect = found(lines(";", header=("a", "b", "c", "d")), delimiter=",", header=False)
    assert (dialect.delimiter, dialect.header) == (",", False)
    assert found("a,b\nc,d\n", columns=("b",)).header


def test_sample_text_cuts_the_last_line_and_refuses_what_has_none():
    assert sample_text(b"a,b\nc,", "utf-8", False, "f") == "a,b\n"
    assert sample_text(b"a,b\nc,d", "utf-8", True, "f") == "a,b\nc,d"
    with pytest.raises(DataError, match=r"f, line 1: longer than 3 bytes"):
        sample_text(b"a,b", "utf-8", False, "f")
    with pytest.raises(DataError, match="f: the file is empty"):
        sample_text(b"\n \n", "utf-8", True, "f")
