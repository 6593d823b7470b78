"""ServingCheck from end to end on a SavedModel in a real process, and what Pusher makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfx import types
from tfx.components.pusher import executor as pusher
from tfx.components.util import model_utils
from tfx.types import artifact_utils, channel, standard_artifacts

from components.serving_check.component import Executor, ServingCheck
from components.serving_check.config import ServingCheckConfig
from components.serving_check.probe import CHECKS
from components.serving_check.result import read_check
from tests.components.evaluator.synthetic import artifact
from tests.components.serving_check.test_request import write
from tests.components.serving_check.tiny_index import CATALOGUE, SEEN, TinyIndex


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[types.Artifact]]:
    folder = tmp_path_factory.mktemp("serving_check")
    TinyIndex().save(folder / "model" / "Format-Serving")
    users = [
        {"user_id": [user.encode()], "movie_id": [movie.encode() for movie in movies]}
        for user, movies in SEEN.items()
    ]
    movies = [
        {"movie_id": [movie.encode()], "title": [title.encode()]}
        for movie, title in CATALOGUE.items()
    ]
    write(folder / "examples" / "Split-train" / "data.gz", users)
    write(folder / "movies" / "Split-movies" / "data.gz", movies)
    examples = artifact(standard_artifacts.Examples, folder / "examples")
    examples.split_names = artifact_utils.encode_split_names(["train", "eval"])
    catalogue = artifact(standard_artifacts.Examples, folder / "movies")
    catalogue.split_names = artifact_utils.encode_split_names(["movies"])
    model = artifact(standard_artifacts.Model, folder / "model")
    return {"model": [model], "examples": [examples], "movies": [catalogue]}


def run(inputs: dict[str, list[types.Artifact]], folder: Path, **settings: float) -> types.Artifact:
    blessing = artifact(standard_artifacts.InfraBlessing, folder / "blessing")
    config = ServingCheckConfig(**{"users": 4, "large_batch": 40, **settings})
    Executor().Do(inputs, {"blessing": [blessing]}, {"config": config.to_json()})
    return blessing


def test_executor_right_model_is_blessed(
    inputs: dict[str, list[types.Artifact]], tmp_path: Path
) -> None:
    blessing = run(inputs, tmp_path, max_latency_ms=60_000)
    verdict = read_check(blessing.uri)
    checks = len(CHECKS) + 1  # and that it loads
    assert verdict.reason == f"the exported model passes the {checks} checks of serving"
    assert verdict.passed
    assert verdict.latency_ms is not None
    assert model_utils.is_infra_validated(blessing)
    assert (Path(blessing.uri) / "INFRA_BLESSED").exists()
    assert pusher.Executor().CheckBlessing({"infra_blessing": [blessing]})


def test_executor_model_that_does_not_load_is_not_blessed(
    inputs: dict[str, list[types.Artifact]], tmp_path: Path
) -> None:
    broken = tmp_path / "model" / "Format-Serving"
    broken.mkdir(parents=True)
    (broken / "saved_model.pb").write_bytes(b"no graph")
    model = artifact(standard_artifacts.Model, tmp_path / "model")
    blessing = run({**inputs, "model": [model]}, tmp_path)
    verdict = read_check(blessing.uri)
    assert [check.name for check in verdict.checks] == ["load"]
    assert "load" in verdict.reason
    assert (Path(blessing.uri) / "INFRA_NOT_BLESSED").exists()
    assert not pusher.Executor().CheckBlessing({"infra_blessing": [blessing]})


def test_component_gives_pusher_an_infra_blessing() -> None:
    channels = {
        "model": channel.Channel(type=standard_artifacts.Model),
        "examples": channel.Channel(type=standard_artifacts.Examples),
        "movies": channel.Channel(type=standard_artifacts.Examples),
    }
    component = ServingCheck(**channels, config=ServingCheckConfig(users=5))
    assert component.outputs["blessing"].type is standard_artifacts.InfraBlessing
    settings = ServingCheckConfig.model_validate_json(component.exec_properties["config"])
    assert settings.users == 5
