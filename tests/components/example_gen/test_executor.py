import pytest
from tfx.components.util import examples_utils
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import proto_utils

from components.errors import DataError
from components.example_gen import executor
from components.example_gen.config import DataConfig, SplitConfig

LEAVE_LAST = SplitConfig(method="leave-last", leave_last=1)


def artifact(folder):
    folder.mkdir(parents=True)
    result = standard_artifacts.Examples()
    result.uri = str(folder)
    return result


def properties(root, pattern="*"):
    splits = [example_gen_pb2.Input.Split(name="all", pattern=pattern)]
    return {
        "input_base": str(root),
        "input_config": proto_utils.proto_to_json(example_gen_pb2.Input(splits=splits)),
        "data_config": DataConfig().to_json(),
        "split_config": LEAVE_LAST.to_json(),
    }


@pytest.fixture
def do(tmp_path):
    """Runs the executor on new artifacts and returns these."""

    def call(**exec_properties):
        context = BaseBeamExecutor.Context(
            beam_pipeline_args=["--direct_running_mode=in_memory"], tmp_dir=str(tmp_path)
        )
        outputs = {name: [artifact(tmp_path / name)] for name in ("examples", "movies")}
        executor.Executor(context).Do({}, outputs, exec_properties)
        return outputs["examples"][0], outputs["movies"][0]

    return call


def test_executor_describes_its_artifacts(write_1m, do):
    root = write_1m(["1::1::5::100", "1::2::4::50"])

    examples, movies = do(**properties(root))

    assert artifact_utils.decode_split_names(examples.split_names) == ["train", "eval"]
    assert artifact_utils.decode_split_names(movies.split_names) == ["movies"]
    for artifact in (examples, movies):
        assert examples_utils.get_payload_format(artifact) == example_gen_pb2.FORMAT_TF_EXAMPLE
        assert examples_utils.get_file_format(artifact) == "tfrecords_gzip"


def test_executor_reads_the_files_of_the_pattern(write_1m, do, tmp_path):
    write_1m(["1::1::5::100", "1::2::4::50"], folder="data/span-3")
    write_1m(["9::1::5::100"], folder="data/span-2")
    examples, _ = do(**properties(tmp_path / "data", "span-3/*"))
    assert '"ratings": 2' in (tmp_path / "examples" / "summary.json").read_text()
    assert examples.uri == str(tmp_path / "examples")


def test_executor_raises_the_data_error_itself(write_1m, do):
    # Not one that Beam has wrapped: the runners print it in one line.
    root = write_1m(["1::1::5::100", "broken"])
    with pytest.raises(DataError, match="1 of 2 rows of ratings"):
        do(**properties(root))
