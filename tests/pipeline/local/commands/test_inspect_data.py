import json
from pathlib import Path

import pytest

import local_runner

ROWS = "".join(f"{n},{n % 7},{n % 5 + 1},{978300000 + n}\n" for n in range(100))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "events.csv").write_text("nick,user_id,book,stars,seen_at\n" + "".join(
        f"x,{line}\n" for line in ROWS.splitlines()
    ))  # fmt: skip
    (folder / "books.csv").write_text("id,title\n" + "".join(f"{n},Book {n}\n" for n in range(7)))
    return folder


def run(tmp_path: Path, *arguments: str) -> int:
    return local_runner.main(["--output-root", str(tmp_path / "runs"), "inspect", *arguments])


def test_inspect_prints_what_was_understood(root, tmp_path, capsys):
    assert run(tmp_path, "--data-root", str(root)) == 0
    shown = capsys.readouterr().out
    for text in (
        *("events.csv", "books.csv", "user_id", "the name 'book' fits", "nick"),
        *("2000-12-31T22:00:00+00:00", "ratings, 1 to 5", "Possible splits: random, temporal"),
        *("movie: book", "title: title", "separator: ','"),
    ):
        assert text in shown


def test_inspect_takes_files_and_settings(root, tmp_path, capsys):
    (root / "more.csv").write_text((root / "events.csv").read_text())
    assert run(tmp_path, "--data-root", str(root)) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert f"{root}/events.csv" in error or "more.csv" in error
    arguments = ("--ratings", str(root / "events.csv"), "--set", "data.positive={min_rating: 3}")
    assert run(tmp_path, *arguments, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["positives"] == "ratings of at least 3"
    assert [file["files"] for file in document["files"]] == [["events.csv"], ["books.csv"]]


def test_inspect_reads_everything(root, tmp_path, capsys):
    assert run(tmp_path, "--data-root", str(root), "--full", "--json") == 0
    assert json.loads(capsys.readouterr().out)["users"] == 100


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\nx,y\n", "no column for users and one for items"),
        (
            "user,item,rating\n" + "1,2,x\n" * 9,
            "too many rows are unusable: rating is not a number",
        ),
        ("", "the file is empty"),
    ],
)
def test_inspect_says_what_is_missing_with_exit_code_2(tmp_path, capsys, content, message):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "ratings.csv").write_text(content)
    assert run(tmp_path, "--data-root", str(tmp_path / "d")) == 2
    assert message in " ".join(capsys.readouterr().err.split())
