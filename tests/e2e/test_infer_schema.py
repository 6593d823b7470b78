"""A schema that is inferred from data accepts that data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import schemas
from components.errors import DataError
from pipeline.config.settings import load_config
from pipeline.local.workspace.schema_file import stage_schema, with_rating_range
from pipeline.local.workspace.workspace import Workspace
from tests.e2e.conftest import Runner

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# The splits differ most: seen movies in eval alone, users without train, the same number for all.
RANDOM = ("split.method=random",)
TEMPORAL = ("split.method=temporal",)
LEAVE_LAST = ("split.method=leave-last", "split.leave_last=2")


@pytest.fixture(scope="module")
def rated_to_ten(ratings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with every rating doubled and genders that the curated schema does not know."""
    data = tmp_path_factory.mktemp("ten") / "data"
    shutil.copytree(ratings, data)
    rows = [row.split("::") for row in (data / "ratings.dat").read_text().splitlines()]
    doubled = ["::".join([user, movie, str(2 * int(stars)), at]) for user, movie, stars, at in rows]
    (data / "ratings.dat").write_text("\n".join(doubled) + "\n")
    users = (data / "users.dat").read_text()
    (data / "users.dat").write_text(users.replace("::F::", "::non-binary::"))
    return data


def anomalies(root: Path, schema_text: str, folder: Path) -> dict[str, list[str]]:
    """Validates the statistics that a run left against a schema; every user feature is used."""
    from tfx.types import standard_artifacts

    from components.contracts.examples import USER_FEATURES
    from components.example_validator.executor import Executor, read_anomalies

    (folder / "schema").mkdir(parents=True)
    (folder / "schema" / "schema.pbtxt").write_text(schema_text)
    statistics = standard_artifacts.ExampleStatistics()
    (uri,) = root.glob("artifacts/*/StatisticsGen/statistics/*")
    statistics.uri, statistics.split_names = str(uri), '["train", "eval"]'
    schema, found = standard_artifacts.Schema(), standard_artifacts.ExampleAnomalies()
    schema.uri, found.uri = str(folder / "schema"), str(folder / "anomalies")
    inputs = {"statistics": [statistics], "schema": [schema]}
    Executor().Do(inputs, {"anomalies": [found]}, {"user_features": json.dumps(USER_FEATURES)})
    return {split: sorted(part.anomaly_info) for split, part in read_anomalies(found).items()}


@pytest.mark.parametrize("split", [RANDOM, TEMPORAL, LEAVE_LAST], ids=lambda split: split[0])
def test_inferred_schema_accepts_the_data(
    ratings: Path, tmp_path: Path, run_warm: Runner, split: tuple[str, ...]
) -> None:
    schema = tmp_path / "inferred.pbtxt"
    options = ("--data-root", str(ratings), "--infer-schema", str(schema))
    done = run_warm(tmp_path / "runs", *options, settings=split)
    assert done.code == 0, done.screen
    found = anomalies(done.root, schema.read_text(), tmp_path / "check")
    assert found == {"train": [], "eval": []}


def test_ratings_up_to_ten_follow_the_inferred_and_the_curated_schema(
    rated_to_ten: Path, tmp_path: Path, run_warm: Runner
) -> None:
    schema, setting = tmp_path / "inferred.pbtxt", "data.max_rating=10"
    options = ("--data-root", str(rated_to_ten), "--infer-schema", str(schema))
    done = run_warm(tmp_path / "runs", *options, settings=(setting,))
    assert done.code == 0, done.screen
    assert "non-binary" in schema.read_text()
    staged = stage_schema(Workspace(tmp_path / "other", "p"), load_config(assignments=[setting]))
    for number, text in enumerate((schema.read_text(), staged.read_text())):
        found = anomalies(done.root, text, tmp_path / f"check-{number}")
        assert found == {"train": [], "eval": []}
    # The staged range is what makes the difference: up to 5 the same data have anomalies.
    five = with_rating_range(schemas.INTERACTIONS.read_text(), 0.0, 5.0)
    with pytest.raises(DataError, match="train/rating"):
        anomalies(done.root, five, tmp_path / "five")
