"""ExampleGen's executor: unpacks artifacts and settings, runs the job, describes its output."""

from __future__ import annotations

from typing import Any

from absl import logging
from tfx import types
from tfx.components.example_gen import utils
from tfx.components.util import examples_utils
from tfx.dsl.components.base import base_beam_executor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_component_specs

from components.component import ArtifactDict, Artifacts
from components.contracts.example_artifacts import write_split_config
from components.contracts.examples import EVAL, MOVIES, TRAIN
from components.errors import DataError
from components.example_gen.config import DataConfig, SplitConfig
from components.example_gen.driver import fingerprint, input_config
from components.example_gen.ingest_ratings import ingest_ratings
from components.example_gen.sources import spans

DATA_KEY = "data_config"
SPLIT_KEY = "split_config"
MOVIES_KEY = "movies"


def _describe(artifact: types.Artifact, splits: tuple[str, ...]) -> None:
    artifact.split_names = artifact_utils.encode_split_names(list(splits))
    examples_utils.set_payload_format(artifact, example_gen_pb2.FORMAT_TF_EXAMPLE)
    examples_utils.set_file_format(artifact, "tfrecords_gzip")


def _check_unchanged(
    exec_properties: dict[str, Any], patterns: list[str], data: DataConfig
) -> None:
    """Refuses data that changed while it was read: rows may be missing or occur twice.

    Raises:
        DataError: If the files are not those that the driver saw.
    """
    before = exec_properties.get(utils.FINGERPRINT_PROPERTY_NAME)
    root = exec_properties[standard_component_specs.INPUT_BASE_KEY]
    if not before or (after := fingerprint(root, patterns, data)) == before:
        return
    now = set(after.splitlines())
    names = sorted({line.split(",")[0] for line in now ^ set(before.splitlines())})
    raise DataError(
        f"data root {root}: changed while it was read: {', '.join(names)}; run again when it is "
        "complete (write new files elsewhere and rename them)"
    )


class Executor(base_beam_executor.BaseBeamExecutor):
    """Reads rating files and writes one Example per user and split, and one per movie."""

    def Do(
        self, input_dict: ArtifactDict, output_dict: ArtifactDict, exec_properties: dict[str, Any]
    ) -> None:
        """Runs the component.

        Raises:
            DataError: If the data is refused.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        outputs = Artifacts(output_dict)
        examples = outputs.one(standard_component_specs.EXAMPLES_KEY)
        movies = outputs.one(MOVIES_KEY)
        data = DataConfig.model_validate_json(exec_properties[DATA_KEY])
        splits = input_config(exec_properties).splits
        patterns = [split.pattern for split in splits]
        summary = ingest_ratings(
            root=exec_properties[standard_component_specs.INPUT_BASE_KEY],
            patterns=patterns,
            data=data,
            split=SplitConfig.model_validate_json(exec_properties[SPLIT_KEY]),
            examples_uri=examples.uri,
            movies_uri=movies.uri,
            make_pipeline=self._make_beam_pipeline,
            read_spans=[span for split in splits if (span := spans.from_name(split.name))],
        )
        _check_unchanged(exec_properties, patterns, data)
        _describe(examples, (TRAIN, EVAL))
        write_split_config(examples, exec_properties[SPLIT_KEY])
        _describe(movies, (MOVIES,))
        logging.info("Ratings read: %s", summary)
