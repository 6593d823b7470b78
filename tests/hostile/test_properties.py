"""Properties of the readers of settings, history and versions, and of the terminal filter."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.errors import ConfigError, shown
from components.served_versions.publish import next_version
from components.served_versions.versions import (
    MAX_VERSION,
    all_versions,
    find_live,
    is_complete,
    is_version,
)
from pipeline.config import yaml_reader
from pipeline.config.settings import load_config
from pipeline.local.workspace import history
from pipeline.terminal import Screen, print_line, visible
from tests.hostile.attempts import _steers
from tests.hostile.settings import PLACES

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
TEXT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0\x85\u2028\u2029\ufeff"),
    max_size=40,
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)
OF_YAML = st.text("ab:- {}[],&*!|>'\"%@\n\t#?~<.0159_xyz\x85", max_size=80)


def assert_one_line(message: str) -> None:
    assert message.isprintable()
    assert len(message) < 1000


@given(VALUES)
def test_yaml_is_read_as_it_was_written(value: Any) -> None:
    written = yaml.safe_dump(value, allow_unicode=True)
    assert yaml_reader.load(written, "x") == value


@given(OF_YAML | ANY_TEXT)
def test_yaml_is_read_as_the_library_does_or_refused_in_one_line(text: str) -> None:
    try:
        value = yaml_reader.load(text, "x")
    except ConfigError as error:
        assert_one_line(str(error))
    else:
        # Nothing is accepted that the library itself would not read, and so.
        assert repr(value) == repr(yaml.load(text, Loader=yaml_reader._Base))


@given(st.sampled_from(sorted({path.split(".{}")[0] for path in PLACES})), OF_YAML | ANY_TEXT)
def test_assignment_is_taken_or_refused_in_one_line(setting: str, text: str) -> None:
    try:
        config = load_config(assignments=[f"{setting}={text}"])
    except ConfigError as error:
        assert_one_line(str(error))
    else:
        # What is taken can be recorded: as JSON, without what is not finite.
        json.dumps(config.model_dump(mode="json", by_alias=True), allow_nan=False)


@given(st.binary(max_size=300) | ANY_TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_line_of_the_history_is_an_entry_or_says_why_not(line: bytes) -> None:
    entry, why = history.read_line(line)
    assert (entry is None) == bool(why)
    assert why.isprintable()


@given(st.dictionaries(st.sampled_from(sorted(history._Entry.model_fields)), VALUES))
def test_entry_that_is_taken_is_read_again_as_it_was(entry: dict[str, Any]) -> None:
    checked, why = history.check_entry(entry)
    if checked is None:
        assert why.isprintable()
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "h.jsonl"
        history.append_entry(path, entry)
        assert history.read_entries(path) == [entry]
        assert history.damage(path) == ""


NAMES = st.integers(0, 2**64).map(str) | st.text(
    "0123456789.-_ab\u0661\u00b2", min_size=1, max_size=25
)


@given(st.lists(st.tuples(NAMES, st.booleans()), max_size=8, unique_by=lambda pair: pair[0]))
def test_live_version_is_the_greatest_complete_one(names: list[tuple[str, bool]]) -> None:
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top)
        for name, complete in names:
            if name in (".", ".."):
                continue
            variables = folder / name / "variables"
            variables.mkdir(parents=True)
            (folder / name / "saved_model.pb").touch()
            (variables / "variables.index").touch()
            if complete:
                (variables / "variables.data-00000-of-00001").touch()
        found = all_versions(folder)
        assert [number for number, _ in found] == sorted(number for number, _ in found)
        assert all(0 <= number <= MAX_VERSION and is_version(path.name) for number, path in found)
        live = find_live(folder)
        whole = [number for number, path in found if is_complete(path)]
        assert (live is None) == (not whole)
        if live:
            assert int(live[0]) == max(whole)
        with contextlib.suppress(ConfigError):  # the greatest number is taken
            assert next_version(folder, 1.0) > max((number for number, _ in found), default=0)


@given(ANY_TEXT)
def test_nothing_that_is_shown_steers_a_terminal(text: str) -> None:
    assert not [char for char in visible(text) if _steers(char)]
    assert visible(visible(text)) == visible(text)
    file = io.StringIO()
    print_line(Screen(file=file, force_terminal=True, width=80), text)
    line = file.getvalue()
    assert line.count("\n") == 1
    assert not [char for char in line if _steers(char)]


@given(ANY_TEXT)
def test_what_can_be_shown_stays_as_it_is(text: str) -> None:
    if text.isprintable():
        assert visible(text) == text
        assert shown(text, 1000, quote=False) == text
    assert shown(text).isprintable()
