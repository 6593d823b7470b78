"""ExampleGen's executor: unpacks artifacts and settings, runs the job, checks what came of it."""

from __future__ import annotations

from typing import Any

from absl import logging
from tfx import types
from tfx.components.example_gen import utils
from tfx.components.util import examples_utils
from tfx.dsl.components.base import base_beam_executor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import proto_utils

from components.contracts.example_artifacts import write_split_config
from components.contracts.examples import EVAL, MOVIES, TRAIN
from components.errors import DataError
from components.example_gen.config import DataConfig, SplitConfig
from components.example_gen.driver import fingerprint
from components.example_gen.ingest_ratings import ingest_ratings
from components.example_gen.sources import spans

DATA_KEY = "data_config"
SPLIT_KEY = "split_config"
MOVIES_KEY = "movies"


def input_splits(exec_properties: dict[str, Any]) -> dict[str, str]:
    """Returns name → glob pattern of the input configuration, spans filled in by the driver."""
    config = example_gen_pb2.Input()
    proto_utils.json_to_proto(exec_properties[standard_component_specs.INPUT_CONFIG_KEY], config)
    return {split.name: split.pattern for split in config.splits}


def _describe(artifact: types.Artifact, splits: tuple[str, ...]) -> None:
    artifact.split_names = artifact_utils.encode_split_names(list(splits))
    examples_utils.set_payload_format(artifact, example_gen_pb2.FORMAT_TF_EXAMPLE)
    examples_utils.set_file_format(artifact, "tfrecords_gzip")


def _check_unchanged(exec_properties: dict[str, Any], patterns: list[str]) -> None:
    """Refuses what was read if a file was changed meanwhile: it may be half old and half new.

    Raises:
        DataError: If the files are not those that the driver saw.
    """
    before = exec_properties.get(utils.FINGERPRINT_PROPERTY_NAME)
    root = exec_properties[standard_component_specs.INPUT_BASE_KEY]
    if not before or fingerprint(root, patterns) == before:
        return
    now = set(fingerprint(root, patterns).splitlines())
    names = sorted({line.split(",")[0] for line in now ^ set(before.splitlines())})
    raise DataError(
        f"data root {root}: changed while it was read: {', '.join(names)}; run again when it is "
        "complete (write new files elsewhere and rename them)"
    )


class Executor(base_beam_executor.BaseBeamExecutor):
    """Reads rating files and writes one Example per user and split, and one per movie."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Runs the component.

        Raises:
            DataError: If the data is refused.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        examples = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.EXAMPLES_KEY]
        )
        movies = artifact_utils.get_single_instance(output_dict[MOVIES_KEY])
        splits = input_splits(exec_properties)
        summary = ingest_ratings(
            root=exec_properties[standard_component_specs.INPUT_BASE_KEY],
            patterns=list(splits.values()),
            data=DataConfig.model_validate_json(exec_properties[DATA_KEY]),
            split=SplitConfig.model_validate_json(exec_properties[SPLIT_KEY]),
            examples_uri=examples.uri,
            movies_uri=movies.uri,
            make_pipeline=self._make_beam_pipeline,
            read_spans=[span for name in splits if (span := spans.from_name(name))],
        )
        _check_unchanged(exec_properties, list(splits.values()))
        _describe(examples, (TRAIN, EVAL))
        write_split_config(examples, exec_properties[SPLIT_KEY])
        _describe(movies, (MOVIES,))
        logging.info("Ratings read: %s", summary)
