import json
import subprocess
import sys
from pathlib import Path

import pytest

from components.errors import DataError
from components.example_gen.config import DataConfig
from components.example_gen.inspection import inspect as inspection
from components.example_gen.inspection.sample import SAMPLE_BYTES
from components.example_gen.sources.data_files import check_data

HEADER = "userId,movieId,rating,timestamp\n"


def write(root: Path, rows: int, name: str = "ratings.csv") -> Path:
    root.mkdir(exist_ok=True)
    lines = (f"{n % 997},{n % 101},{n % 5 + 1},{978300000 + n}\n" for n in range(rows))
    (root / name).write_text(HEADER + "".join(lines))
    return root


def look(root: Path, config: DataConfig | None = None) -> inspection.Document:
    config = config or DataConfig()
    return inspection.inspect(check_data(str(root), config), str(root), config)


def test_small_data_are_read_as_a_whole(tmp_path):
    document = look(write(tmp_path / "d", 1000))
    assert document["whole"]
    assert (document["rows"], document["users"], document["rated_movies"]) == (1000, 997, 101)
    assert document["interactions"] == 1000
    assert document["values"]["values"] == {str(n): 200 for n in range(1, 6)}
    assert document["times"]["first"] == "2000-12-31T22:00:00+00:00"
    assert document["splits"] == ["random", "temporal", "leave-last"]


def test_large_data_are_sampled_at_start_middle_and_end(tmp_path):
    rows = 5 * SAMPLE_BYTES // 20
    root = write(tmp_path / "d", rows)
    document = look(root)
    assert not document["whole"]
    assert document["rows"] < rows
    first, last = (document["times"][name] for name in ("first", "last"))
    assert first == "2000-12-31T22:00:00+00:00"
    assert last > "2001-01-03"  # the last second of the file is in the sample
    blocks = []
    config = DataConfig()
    full = inspection.inspect(
        check_data(str(root), config),
        str(root),
        config,
        str(tmp_path / "c"),
        lambda *at: blocks.append(at),
    )
    assert (full["whole"], full["rows"]) == (True, rows)
    assert blocks[-1][0] == blocks[-1][1]


def test_the_settings_that_it_gives_read_the_same(tmp_path):
    root = tmp_path / "d"
    root.mkdir()
    (root / "events.tsv").write_text("12/31/2001\t7\t3,5\tmovie a\n" * 3)
    (root / "titles.txt").write_text("key;name\n7;A\n")
    given = {
        "columns": {"user": 3, "movie": 1, "rating": 2, "timestamp": 0},
        "movies": "titles.txt",
        "movie_columns": {"movie": "key", "title": "name"},
    }
    first = look(root, DataConfig(**given))
    again = look(root, DataConfig(**first["settings"]["data"]))
    assert first["settings"]["data"]["time_format"] == "%m/%d/%Y"
    assert first["settings"]["data"]["decimal"] == ","
    for document in (first, again):
        for file in document["files"]:
            for column in file["columns"].values():
                del column["why"]
    assert again == first


def test_files_that_are_not_read_are_listed_with_the_reason(tmp_path):
    root = write(tmp_path / "d", 10)
    (root / "README.md").write_text("x")
    (root / "links.csv").write_text("movieId,imdbId\n1,2\n")
    document = look(root)
    assert document["ignored"] == [
        {"file": "README.md", "why": "no table"},
        {"file": "links.csv", "why": "other columns"},
    ]


def test_lines_say_what_matters(tmp_path):
    document = look(write(tmp_path / "d", 10, "x.csv"))
    first, second = inspection.lines(document)
    assert first.startswith("Read as csv: x.csv (separated by comma, with a header, UTF-8")
    assert "user from 'userId', movie from 'movieId'" in first
    assert second == (
        "ratings 1 to 5, 2000-12-31 to 2000-12-31; positives: all rows, whatever the rating "
        "(data.positive changes that)"
    )


def test_data_of_which_too_little_can_be_used_are_refused(tmp_path):
    root = write(tmp_path / "d", 10)
    with (root / "ratings.csv").open("a") as file:
        file.write("1,2,bad,978300000\n")
    document = look(root)
    inspection.check_usable(document, str(root), 0.1)
    with pytest.raises(
        DataError, match=r"rating is not a number: 1 \(first: ratings.csv:12: 1,2,b"
    ):
        inspection.check_usable(document, str(root), 0.01)


def test_inspection_imports_neither_tensorflow_nor_tfx_nor_beam(tmp_path):
    root = write(tmp_path / "d", 10)
    code = (
        "import sys, json\n"
        "from components.example_gen.config import DataConfig\n"
        "from components.example_gen.inspection.inspect import inspect\n"
        "from components.example_gen.sources.data_files import check_data\n"
        f"root, config = {str(root)!r}, DataConfig()\n"
        "inspect(check_data(root, config), root, config)\n"
        "heavy = ('tfx', 'apache_beam', 'tensorflow')\n"
        "print(json.dumps([name for name in heavy if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
