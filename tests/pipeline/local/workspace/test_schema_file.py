"""The schema of a run: the curated one with the range of the settings, or the user's as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

import schemas
from components.errors import ConfigError
from pipeline.config.settings import load_config
from pipeline.local.workspace.schema_file import stage_schema, with_rating_range
from pipeline.local.workspace.workspace import Workspace


def rating_domain(text: str) -> schema_pb2.FloatDomain:
    schema = text_format.Parse(text, schema_pb2.Schema())
    (rating,) = (feature for feature in schema.feature if feature.name == "rating")
    curated = text_format.Parse(schemas.INTERACTIONS.read_text(), schema_pb2.Schema())
    others = [feature for feature in schema.feature if feature.name != "rating"]
    assert others == [feature for feature in curated.feature if feature.name != "rating"]
    return rating.float_domain


def staged(folder: Path, *assignments: str) -> Path:
    return stage_schema(Workspace(folder, "p"), load_config(assignments=assignments))


@pytest.mark.parametrize(
    ("assignments", "least", "greatest"),
    [
        (("data.min_rating=0", "data.max_rating=10"), 0.0, 10.0),
        (("data.min_rating=1", "data.max_rating=5"), 1.0, 5.0),
        (("data.min_rating=-2.5", "data.max_rating=100"), -2.5, 100.0),
    ],
)
def test_stage_schema_curated_one_has_the_range_of_the_settings(
    tmp_path: Path, assignments: tuple[str, ...], least: float, greatest: float
) -> None:
    domain = rating_domain(staged(tmp_path, *assignments).read_text())
    assert (domain.min, domain.max) == (least, greatest)
    assert domain.disallow_nan
    assert domain.disallow_inf


def test_stage_schema_curated_one_has_no_range_unless_set(tmp_path: Path) -> None:
    domain = rating_domain(staged(tmp_path).read_text())
    assert not domain.HasField("min")
    assert not domain.HasField("max")
    assert domain.disallow_nan


def test_stage_schema_another_range_is_another_file(tmp_path: Path) -> None:
    # TFX's cache key holds the path: components must not take results of the other range.
    assert staged(tmp_path) == staged(tmp_path)
    assert staged(tmp_path) != staged(tmp_path, "data.max_rating=10")


def test_stage_schema_of_the_user_stays_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "own.pbtxt"
    own.write_text('feature { name: "rating" type: FLOAT float_domain { min: 1.0 max: 7.0 } }')
    copy = staged(tmp_path, f"schema.path={own}", "data.max_rating=10")
    assert copy.read_text() == own.read_text()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "names no feature"),
        (b"# nothing\n", "names no feature"),
        (b"hello", "is no schema"),
        (b'{"feature": []}', "is no schema"),
        (b"feature { name: 3 }", "is no schema"),
        (b"feature { nam: 'x' }", "is no schema"),
        (b"feature { name: 'x'", "is no schema"),
        (b"feature { domain: 'x' type: NONE }", "is no schema"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"feature { struct_domain { " * 2000, "is no schema"),
        (b"x" * 100_000, "is no schema"),
        (b"#" * (1 << 21), "is larger than"),
    ],
)
def test_stage_schema_refuses_what_is_none(tmp_path: Path, text: bytes, told: str) -> None:
    own = tmp_path / "own.pbtxt"
    own.write_bytes(text)
    with pytest.raises(ConfigError, match=r"schema.path: ") as caught:
        staged(tmp_path, f"schema.path={own}")
    assert told in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("path", ["missing", "/dev/zero", "/dev/null", "/", "x" * 5000])
def test_stage_schema_refuses_what_is_no_file(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError, match=r"schema.path: "):
        staged(tmp_path, f"schema.path={path}")


@pytest.mark.parametrize("ends", [(None, None), (1.0, None), (None, 10.0)])
def test_with_rating_range_none_leaves_an_end_open(ends: tuple[float | None, float | None]) -> None:
    text = schemas.INTERACTIONS.read_text()
    domain = rating_domain(with_rating_range(text, *ends))
    found = tuple(
        getattr(domain, name) if domain.HasField(name) else None for name in ("min", "max")
    )
    assert found == ends
    assert domain.disallow_nan


def test_curated_schema_itself_refuses_no_range() -> None:
    # On Kubeflow it is read from the image as it is, whatever data.max_rating a run is given.
    domain = rating_domain(schemas.INTERACTIONS.read_text())
    assert not domain.HasField("min")
    assert not domain.HasField("max")
