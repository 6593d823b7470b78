"""Folders of spans: which there are, and which are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from components.errors import DataError
from components.example_gen.config import DataConfig
from components.example_gen.sources import spans


def _fill(root: Path, *folders: str) -> str:
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "ratings.csv").write_text("user,movie,rating,timestamp\n")
    return str(root)


def _folders(root: str, **settings: object) -> list[str]:
    return [span.folder for span in spans.select(root, DataConfig(**settings))]


def test_select_takes_all_by_number_not_by_name(tmp_path: Path) -> None:
    root = _fill(tmp_path, "span-10", "span-9", "span-1", "other", "span-x")
    assert _folders(root) == ["span-1", "span-9", "span-10"]


@pytest.mark.parametrize(("window", "expected"), [(1, ["span-3"]), (2, ["span-2", "span-3"])])
def test_select_takes_the_last_of_a_window(
    tmp_path: Path, window: int, expected: list[str]
) -> None:
    assert _folders(_fill(tmp_path, "span-1", "span-2", "span-3"), window=window) == expected


def test_select_with_a_window_longer_than_there_are_spans(tmp_path: Path) -> None:
    assert _folders(_fill(tmp_path, "span-1"), window=5) == ["span-1"]


def test_select_takes_days(tmp_path: Path) -> None:
    root = _fill(tmp_path, "2026-01-31", "2026-02-01", "2025-12-31", "2026-02-30")
    actual = spans.select(root, DataConfig(window=2))
    # 2026-02-30 is in no calendar. Days since 1970: 56 years of 365 and 14 leap days, and 30.
    assert [span.label for span in actual] == ["2026-01-31", "2026-02-01"]
    assert actual[0].number == 56 * 365 + 14 + 30


def test_select_takes_the_highest_version_of_each_span(tmp_path: Path) -> None:
    root = _fill(tmp_path, "span-1", "span-1/v2", "span-1/v10", "span-2", "span-3/v1")
    assert _folders(root) == ["span-1/v10", "span-2", "span-3/v1"]


def test_select_follows_a_pattern_of_ones_own(tmp_path: Path) -> None:
    root = _fill(tmp_path, "in/2026/day-01-02", "in/2026/day-01-03", "span-7")
    pattern = "in/{YYYY}/day-{MM}-{DD}"
    assert _folders(root, span_pattern=pattern) == ["in/2026/day-01-02", "in/2026/day-01-03"]


def test_select_leaves_files_in_the_root_to_themselves(tmp_path: Path) -> None:
    assert _folders(_fill(tmp_path, "", "span-1")) == []
    assert _folders(_fill(tmp_path / "other", "span-1"), span_pattern="") == []
    assert _folders(str(tmp_path / "none")) == []


def test_select_shares_a_catalogue_in_the_root(tmp_path: Path) -> None:
    root = _fill(tmp_path, "span-1")
    (tmp_path / "movies.csv").write_text("movie,title\n")
    assert _folders(root) == ["span-1"]


@pytest.mark.parametrize("broken", ["span-4", "span-1/v3"])
def test_select_refuses_a_span_without_ratings(tmp_path: Path, broken: str) -> None:
    root = _fill(tmp_path, "span-1", "span-1/v2", "span-2")
    (tmp_path / broken).mkdir()
    with pytest.raises(DataError, match=f"{broken} holds no ratings"):
        spans.select(root, DataConfig())


def test_select_refuses_a_pattern_that_nothing_matches(tmp_path: Path) -> None:
    root = _fill(tmp_path, "span-1")
    with pytest.raises(DataError, match=r"day-\{SPAN\} \(it holds span-1\)"):
        spans.select(root, DataConfig(span_pattern="day-{SPAN}"))


def test_patterns_are_globs_below_the_root(tmp_path: Path) -> None:
    root = _fill(tmp_path, "[in]/span-1")
    config = DataConfig(span_pattern="[in]/span-{SPAN}")
    (pattern,) = spans.patterns(root, config)
    assert [path.name for path in tmp_path.glob(pattern)] == ["ratings.csv"]
    assert spans.patterns(str(tmp_path / "none"), config) == ["*"]


@pytest.mark.parametrize(
    "pattern", ["span", "{YYYY}-{MM}", "{SPAN}-{SPAN}", "{SPAN}{YYYY}", "/{SPAN}"]
)
def test_settings_refuse_a_pattern_that_names_no_span(pattern: str) -> None:
    with pytest.raises(ValidationError, match="accepted: auto"):
        DataConfig(span_pattern=pattern)


@pytest.mark.parametrize("folder", ["span-3/v2", "2026-01-31"])
def test_name_of_a_span_tells_what_it_is(tmp_path: Path, folder: str) -> None:
    (span,) = spans.select(_fill(tmp_path, folder), DataConfig())
    assert spans.from_name(span.to_name()) == {"span": span.label, "version": span.version}
    assert spans.from_name("all") is None


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([], None),
        (["7"], "7"),
        (["1", "2", "10"], "1-10"),
        (["2026-01-31", "2026-02-01"], "2026-01-31 – 2026-02-01"),
    ],
)
def test_describe(labels: list[str], told: str | None) -> None:
    assert spans.describe({"span": label} for label in labels) == told


@pytest.mark.parametrize(
    "name",
    [
        "span-2\n",
        "span-2\x1b[31m",
        "[red]span-2[red]",
        "span--2",
        "Span-2",
        "span_2",
        "span-2 copy",
        "span-2*",
        "span-2.tmp",
        "span-\u0663",  # an Arabic 3
        "span-" + "9" * 19,  # more than 64 bits
        "span-2\udcff",  # a byte that is no UTF-8
        "2026-01-01",
    ],
)
def test_names_that_resemble_spans_are_passed_over_and_told(tmp_path: Path, name: str) -> None:
    root = _fill(tmp_path, "span-1", name)
    assert _folders(root) == ["span-1"]
    warning = spans.passed_over(root, DataConfig())
    assert warning.startswith(f"data root {root}: 1 folder is passed over (")
    assert warning.endswith("accepted as spans: span-{SPAN}")
    assert warning.isprintable()


@pytest.mark.parametrize("name", [".span-2", "_span-2", "other", "SUCCESS"])
def test_names_that_mean_no_span_are_not_told(tmp_path: Path, name: str) -> None:
    assert spans.passed_over(_fill(tmp_path, "span-1", name), DataConfig()) == ""


def test_passed_over_tells_of_days_that_do_not_exist(tmp_path: Path) -> None:
    days = [f"2026-13-{day:02}" for day in range(1, 6)]
    warning = spans.passed_over(_fill(tmp_path, "2026-01-01", *days), DataConfig())
    assert "5 folders are passed over ('2026-13-01', '2026-13-02', '2026-13-03', …)" in warning


def test_passed_over_tells_nothing_where_there_are_no_spans(tmp_path: Path) -> None:
    assert spans.passed_over(_fill(tmp_path, ".", "span-x"), DataConfig()) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("span-1", "span-01"), ("span-1/v2", "span-1/v02"), ("span-1/v2", "span-1/version-2")],
)
def test_select_refuses_two_folders_of_the_same_version(
    tmp_path: Path, one: str, other: str
) -> None:
    with pytest.raises(DataError, match="are the same version of span 1; accepted: one folder"):
        _folders(_fill(tmp_path, one, other))
