"""Shapes that differ in how the text is written."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import zipfile
from pathlib import Path

from tests.data_shapes.rows import (
    HEADER,
    ROWS,
    TITLE_HEADER,
    TITLES,
    Shape,
    catalogue,
    cells,
    plain,
    ratings,
    table,
)


def everywhere(value: str, delimiter: str) -> str:
    """Quotes every value."""
    return '"' + value.replace('"', '""') + '"'


def bare(value: str, delimiter: str) -> str:
    """Quotes nothing."""
    return value


def _zipped(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.csv", content)
    return buffer.getvalue()


def _zstd(data: bytes) -> bytes:
    import pyarrow as pa

    return pa.compress(data, codec="zstd", asbytes=True)


def _excel(folder: Path) -> None:
    with zipfile.ZipFile(folder / "ratings.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", "x")


def _mixed_ends() -> bytes:
    lines = table(cells()).split("\n")[:-1]
    ends = ["\r", "\n", "\r\n"]
    return "".join(line + ends[n * 3 // len(lines)] for n, line in enumerate(lines)).encode()


def _review(n: int) -> str:
    return 'fine,\nreally ""good""\n\n' if n % 3 == 0 else "ok; it's fine"


def _json(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


PLAIN = table(cells())
OBJECTS = [dict(zip(HEADER, (r.user, r.movie, r.rating, r.time), strict=True)) for r in ROWS]
NUMBERS = [
    dict(zip(HEADER, (int(r.user), int(r.movie), r.rating, r.time), strict=True)) for r in ROWS
]
DECIMAL = [[u, m, f"{float(r):.1f}".replace(".", ","), t] for u, m, r, t in cells()]
INDEXED = [[str(n), *line] for n, line in enumerate(cells())]
REVIEWED = [[*line, _review(n)] for n, line in enumerate(cells())]
NOTED = [[*line, "café “x”"] for line in cells()]
PADDED = [f"  {u}   {m}\t{r}  {t} " for u, m, r, t in cells()]

WRITTEN = [
    Shape("comma", plain),
    Shape("semicolon", ratings(table(cells(), delimiter=";"))),
    Shape("tab", ratings(table(cells(), delimiter="\t"))),
    Shape("pipe", ratings(table(cells(), delimiter="|"))),
    Shape("double colon with a header", ratings(table(cells(), delimiter="::"))),
    Shape("blanks", ratings(table(cells(), delimiter=" "))),
    Shape("runs of blanks, no header", ratings("\n".join(PADDED) + "\n", "ratings.txt")),
    Shape("comma, no header", ratings(table(cells(), None), "data.csv")),
    Shape("tab, no header", ratings(table(cells(), None, "\t"), "ratings.tsv")),
    Shape("double colon, no header", ratings(table(cells(), None, "::"), "some.dat")),
    Shape(
        "no header, columns by position",
        ratings(table([[t, r, m, u] for u, m, r, t in cells()], None)),
        settings={"columns": {"user": 3, "movie": 2, "rating": 1, "timestamp": 0}},
    ),
    Shape("everything quoted", ratings(table(cells(), quote=everywhere))),
    Shape("quoted tabs", ratings(table(cells(), delimiter="\t", quote=everywhere))),
    Shape("decimal comma", ratings(table(DECIMAL, delimiter=";"))),
    Shape("decimal comma in quotes", ratings(table(DECIMAL))),
    Shape("CRLF", ratings(table(cells(), end="\r\n"))),
    Shape("CR", ratings(table(cells(), end="\r"))),
    Shape(
        "CR, then LF, then CRLF",
        ratings(_mixed_ends()),
        facts={"files.0.written": "separated by comma, with a header, UTF-8, quoted values, "
               "LF + CRLF + CR"},
    ),
    Shape("no line end at the end", ratings(PLAIN.rstrip("\n"))),
    Shape("blank lines", ratings(PLAIN.replace("\n", "\n\n"))),
    Shape("byte order mark", ratings(PLAIN.encode("utf-8-sig"))),
    Shape("UTF-16", ratings(PLAIN.encode("utf-16"))),
    Shape("UTF-16 without a mark", ratings(PLAIN.encode("utf-16-le"))),
    Shape(
        "Windows-1252",
        ratings(table(NOTED, (*HEADER, "note")).encode("cp1252")),
        facts={
            "files.0.written": "separated by comma, with a header, Windows-1252, quoted values, LF"
        },
    ),
    Shape("ISO-8859-1, movies", catalogue(table(TITLES, TITLE_HEADER).encode("iso-8859-1"))),
    Shape("comments before the header", ratings("# exported\n# today, at noon\n" + PLAIN)),
    Shape("Excel's first line", ratings("sep=;\n" + table(cells(), delimiter=";"))),
    Shape("header with types", ratings(table(
        cells(), ("user_id:token", "item_id:token", "rating:float", "timestamp:float"), "\t"
    ), "ml.inter")),
    Shape("index without a name", ratings(table(INDEXED, ("", *HEADER)))),
    Shape("index called Unnamed: 0", ratings(table(INDEXED, ("Unnamed: 0", *HEADER)))),
    Shape("line breaks and quotes in a review", ratings(table(REVIEWED, (*HEADER, "review")))),
    Shape("spaces around values", ratings(table(cells(), delimiter=" , ", quote=bare))),
    Shape("JSON lines", ratings(_json(OBJECTS), "ratings.json")),
    Shape("JSON lines with numbers", ratings(_json(NUMBERS), "events.jsonl")),
    Shape("JSON lines, movies", catalogue(
        _json([{"movieId": int(t.movie), "title": t.title, "genres": t.genres} for t in TITLES]),
        "movies.json",
    )),
    Shape("gzip", ratings(gzip.compress(PLAIN.encode()), "ratings.csv.gz")),
    Shape("gzip in two members", ratings(
        gzip.compress(PLAIN[:99].encode()) + gzip.compress(PLAIN[99:].encode()), "ratings.csv.gz"
    )),
    Shape("bzip2", ratings(bz2.compress(PLAIN.encode()), "ratings.csv.bz2")),
    Shape("zstd", ratings(_zstd(PLAIN.encode()), "ratings.csv.zst")),
    Shape("zip with one file", ratings(_zipped(ratings=PLAIN), "ratings.zip")),
    Shape("gzip, without the suffix", ratings(gzip.compress(PLAIN.encode()), "ratings.csv")),
    Shape("gzip of UTF-16 with CR", ratings(
        gzip.compress(table(cells(), end="\r").encode("utf-16")), "ratings.csv.gz"
    )),
    Shape("zip with two files", ratings(_zipped(a=PLAIN, b=PLAIN), "ratings.zip", titles=False),
          error="ratings.zip: a zip archive of 2 files; accepted is one"),
    Shape("gzip cut in half", ratings(
        gzip.compress(PLAIN.encode())[:-40], "ratings.csv.gz", titles=False
    ), error="ratings.csv.gz: the gzip file is damaged or incomplete"),
    Shape("Excel", _excel, error="ratings.xlsx: this is an Excel workbook; save it as CSV",
          settings={"ratings": "ratings.xlsx"}),
    Shape("a JSON array", ratings(json.dumps(OBJECTS), "ratings.json", titles=False),
          error="ratings.json: a JSON array; accepted is one object a line"),
    Shape("NUL in a row", ratings(PLAIN.replace("\n", "\n\0", 9)),
          error="ratings.csv, line 2: a NUL byte"),
    Shape("NUL far down", ratings(PLAIN + "1,1,5,978300000\n" * 6000 + "1,\0,5,978300000\n"),
          error="line 6098: a NUL byte"),
    Shape("a line of 10 MB", ratings(PLAIN + "x" * 10_000_000 + "\n"),
          error="ratings.csv, line 98: a line of more than 1,048,576 bytes"),
    Shape("a line of a million commas", ratings(PLAIN + "," * 1_000_000 + "\n"),
          error="1 of 97 rows of ratings (1.03%) are unusable: broken row"),
    Shape("a header longer than 64 KiB", ratings("a" * 70_000 + PLAIN, titles=False),
          error="ratings.csv, line 1: longer than 65,536 bytes"),
    Shape("a field of 200,000 characters", ratings(
        table([*([*line, ""] for line in cells()[:-1]), [*cells()[-1], "x" * 200_000]],
              (*HEADER, "review")))),
    Shape("two columns of one name", ratings(
        table([[u, u, m, r, t] for u, m, r, t in cells()], ("userId", *HEADER)), titles=False
    ), error="columns 'userId' and 'userId' can both be the user"),
    Shape("an empty file", ratings("", titles=False), error="ratings.csv: the file is empty"),
    Shape("a header and no rows", ratings(table([]), titles=False),
          error="ratings.csv: no rows below the header"),
]  # fmt: skip
