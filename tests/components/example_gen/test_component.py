import os
from pathlib import Path

import pytest
from tfx.components.example_gen.component import FileBasedExampleGen
from tfx.dsl.components.base import executor_spec
from tfx.orchestration import metadata, pipeline
from tfx.orchestration.local import local_dag_runner
from tfx.types import standard_artifacts

from components.errors import DataError
from components.example_gen.component import RatingsExampleGen
from components.example_gen.config import DataConfig, SplitConfig
from components.example_gen.driver import RatingsDriver
from components.example_gen.executor import Executor


def component(root, **settings):
    split = SplitConfig(method="leave-last", leave_last=1, **settings)
    return RatingsExampleGen(str(root), DataConfig(), split)


def test_component_is_a_file_based_example_gen():
    # TFX's compilers give those a driver for spans and fingerprints.
    node = component("/data")
    assert isinstance(node, FileBasedExampleGen)
    assert node.driver_class is RatingsDriver
    assert isinstance(node.executor_spec, executor_spec.BeamExecutorSpec)
    assert node.executor_spec.executor_class is Executor
    assert {name: channel.type for name, channel in node.outputs.items()} == {
        "examples": standard_artifacts.Examples,
        "movies": standard_artifacts.Examples,
    }


def test_component_passes_settings_as_text():
    node = RatingsExampleGen("/data", DataConfig(min_rating=1), SplitConfig(salt="s"))
    assert DataConfig.model_validate_json(node.exec_properties["data_config"]).min_rating == 1
    assert SplitConfig.model_validate_json(node.exec_properties["split_config"]).salt == "s"
    assert node.exec_properties["input_base"] == "/data"


@pytest.fixture
def launch(tmp_path):
    """Runs the component under TFX; returns the folders of its executions' examples."""

    def run(root, **settings):
        local_dag_runner.LocalDagRunner().run(
            pipeline.Pipeline(
                pipeline_name="test",
                pipeline_root=str(tmp_path / "root"),
                components=[component(root, **settings)],
                enable_cache=True,
                metadata_connection_config=metadata.sqlite_metadata_connection_config(
                    str(tmp_path / "metadata.db")
                ),
                beam_pipeline_args=["--direct_running_mode=in_memory"],
            )
        )
        return sorted(path.name for path in tmp_path.glob("root/RatingsExampleGen/examples/*"))

    return run


def test_component_under_tfx_runs_again_only_where_something_changed(write_1m, launch, tmp_path):
    root = write_1m(["1::1::5::100", "1::2::4::50"])
    first = launch(root)
    (root / "README").write_text("of no interest")
    assert len(first) == 1
    assert launch(root) == first

    changed = Path(root / "movies.dat")
    os.utime(changed, ns=(0, changed.stat().st_mtime_ns + 1))
    second = launch(root)
    assert len(second) == 2

    assert len(launch(root, salt="another")) == 3

    (root / "ratings.dat").write_text("1::1::5::100\nbroken\n")
    with pytest.raises(DataError, match="1 of 2 rows of ratings"):
        launch(root)
    # TFX removes what the refused execution has written.
    assert len(list(tmp_path.glob("root/RatingsExampleGen/examples/*/summary.json"))) == 3
