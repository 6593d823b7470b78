"""Shapes that differ in where the rows lie and what the files are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.data_shapes.rows import (
    HEADER,
    ROWS,
    TITLE_HEADER,
    TITLES,
    Row,
    Shape,
    cells,
    ratings,
    table,
    write_titles,
)

PLAIN = table(cells())
HALVES = (ROWS[::2], ROWS[1::2])


def parts(
    folder: str, names: Sequence[str], header_in_each: bool = True, titles: bool = True
) -> Callable[[Path], None]:
    """Returns a function that writes the interactions as several files."""

    def write(root: Path) -> None:
        (root / folder).mkdir(parents=True, exist_ok=True)
        for n, name in enumerate(names):
            header = HEADER if header_in_each or n == 0 else None
            path = root / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(table(cells(ROWS[n :: len(names)]), header))
        if titles:
            write_titles(root)

    return write


def parquet(
    name: str, columns: dict[str, object] | None = None, row_group: int = 20
) -> Callable[[Path], None]:
    """Returns a function that writes the interactions as one Parquet file."""

    def write(root: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table_ = pa.table(columns or plain_columns())
        pq.write_table(table_, path, row_group_size=row_group)
        write_titles(root)

    return write


def plain_columns() -> dict[str, object]:
    """Returns the four columns, ids as numbers."""
    return {
        "userId": [int(r.user) for r in ROWS],
        "movieId": [int(r.movie) for r in ROWS],
        "rating": [r.rating for r in ROWS],
        "timestamp": [r.time for r in ROWS],
    }


def spark_folder(root: Path) -> None:
    """Writes a folder of Parquet parts as Spark does, one of them empty."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = root / "ratings.parquet"
    folder.mkdir()
    for n, rows in enumerate(HALVES):
        columns = {
            name: [getattr(r, key) for r in rows]
            for name, key in zip(HEADER, ("user", "movie", "rating", "time"), strict=True)
        }
        pq.write_table(pa.table(columns), folder / f"part-0000{n}-abc.snappy.parquet")
    (folder / "_SUCCESS").touch()
    (folder / "._SUCCESS.crc").write_bytes(b"crc")
    write_titles(root)


def other_types() -> dict[str, object]:
    """Returns columns of the types that DuckDB, Spark and pandas write."""
    from decimal import Decimal

    import pyarrow as pa

    times = pa.array([r.time * 1_000_000 for r in ROWS], pa.timestamp("us", "UTC"))
    return {
        "userId": pa.array([r.user for r in ROWS]).dictionary_encode(),
        "movieId": [float(r.movie) for r in ROWS],
        "rating": [Decimal(f"{r.rating:.2f}") for r in ROWS],
        "timestamp": times,
    }


def hive(root: Path) -> None:
    """Writes partitions by year, one file in each."""
    for n, rows in enumerate(HALVES):
        folder = root / "ratings" / f"year={2001 + n}"
        folder.mkdir(parents=True)
        (folder / "part-0.csv").write_text(table(cells(rows)))
    write_titles(root)


def by_user(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Returns the rows of each user."""
    return {
        user: [r for r in rows if r.user == user] for user in dict.fromkeys(r.user for r in rows)
    }


def hive_of_users(root: Path) -> None:
    """Writes partitions whose folders hold the user."""
    for user, rows in by_user(ROWS).items():
        folder = root / "events" / f"user_id={user}"
        folder.mkdir(parents=True)
        (folder / "0.csv").write_text(table([line[1:] for line in cells(rows)], HEADER[1:]))
    write_titles(root)


def spans(root: Path) -> None:
    """Writes two spans of files that no layout knows, and one catalogue for both."""
    for n, rows in enumerate(HALVES):
        (root / f"span-{n + 1}").mkdir()
        (root / f"span-{n + 1}" / "events.tsv").write_text(table(cells(rows), delimiter="\t"))
    write_titles(root)


def among_others(root: Path) -> None:
    """Writes the interactions among files that are something else."""
    ratings(PLAIN, "ratings_small.csv")(root)
    (root / "links.csv").write_text("movieId,imdbId,tmdbId\n1,114709,862\n")
    (root / "tags.csv").write_text("userId,movieId,tag,timestamp\n1,1,funny,978300000\n")
    (root / "genome-tags.csv").write_text("tagId,tag\n1,007\n")
    (root / "README.md").write_text("# Ratings\n")
    (root / "plots").mkdir()
    (root / ".DS_Store").write_bytes(b"\0\0\0\1")


def two_files(root: Path) -> None:
    """Writes two files that could both be meant."""
    ratings(PLAIN, "train.csv")(root)
    ratings(PLAIN, "test.csv")(root)


def two_catalogues(root: Path) -> None:
    """Writes two files with titles."""
    ratings(PLAIN, "events.csv")(root)
    (root / "movies_metadata.csv").write_text(table(TITLES, TITLE_HEADER))


PLACED = [
    Shape("file called rating.csv", ratings(PLAIN, "rating.csv")),
    Shape("file called Ratings.csv", ratings(PLAIN, "Ratings.csv")),
    Shape("file among others", among_others, facts={"files.0.files.0": "ratings_small.csv"}),
    Shape("numbered files", parts(".", ["ratings_1.csv", "ratings_2.csv", "ratings_3.csv"])),
    Shape("file cut by split, header in the first part",
          parts(".", ["x_00.csv", "x_01.csv", "x_02.csv"], header_in_each=False)),
    Shape("folder of CSV parts by Spark", parts("ratings.csv", ["part-0.csv", "part-1.csv"])),
    Shape("folder of Parquet parts by Spark", spark_folder),
    Shape("Parquet", parquet("ratings.parquet")),
    Shape("Parquet, other name", parquet("my_events.pq")),
    Shape("Parquet of dictionaries, decimals, floats and times with a zone",
          parquet("ratings.parquet", other_types())),
    Shape("partitions by year", hive, settings={"ratings": "ratings"}),
    Shape("partitions whose folders are found", hive),
    Shape("partitions whose folders hold the user", hive_of_users),
    Shape("glob of parts", parts("raw", ["a-1.csv", "b-2.csv"]), settings={"ratings": "raw/*.csv"}),
    Shape("folder of parts, named", parts("raw", ["a.csv", "b.csv"]), settings={"ratings": "raw"}),
    Shape("two files could be meant", two_files,
          error="train.csv can both be the file of ratings; name one with --ratings"),
    Shape("two files could be meant, one is named", two_files, settings={"ratings": "train.csv"}),
    Shape("two catalogues", two_catalogues,
          error="can both be the file of movies; name one with --movies"),
    Shape("two catalogues, one is named", two_catalogues, settings={"movies": "movies.csv"}),
    Shape("a file that is not there", ratings(PLAIN), settings={"ratings": "rating.csv"},
          error="rating.csv: does not exist"),
]  # fmt: skip
SPANS = Shape("spans of any files", spans)
