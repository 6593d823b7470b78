"""One device, two devices and two machines train the same model; only the chief exports it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from components.errors import ConfigError, DataError
from components.trainer import worker
from tests.components.trainer.synthetic import World

PROJECT = Path(__file__).parents[3]
# Dropout is drawn by each device for itself: with it the figures would be as of another seed.
CONFIG = {
    "embedding_dim": 8,
    "epochs": 3,
    "batch_size": 64,
    "dropout": 0.0,
    "validation_users": 0.5,
    "validate_every": 2,
}
RUN = "import sys; from components.trainer.worker import main; sys.exit(main())"
TWO_DEVICES = (
    "import tensorflow as tf\n"
    "cpu, = tf.config.list_physical_devices('CPU')\n"
    "one = tf.config.LogicalDeviceConfiguration()\n"
    "tf.config.set_logical_device_configuration(cpu, [one, one])\n"
)
DIES_IN_THE_SECOND_EPOCH = (
    "import os\n"
    "from components.trainer.fitting.callbacks import Progress\n"
    "Progress.on_train_batch_end = lambda self, *_: self._round and os._exit(9)\n"
)
# A worker that is gone is noticed by heartbeats that stay out.
SECONDS = 600


@dataclass(frozen=True)
class Training:
    """A training in a process of its own.

    Attributes:
        process: The process.
        folder: Where model and history go.
    """

    process: subprocess.Popen[str]
    folder: Path

    def ended(self) -> tuple[int, str]:
        """Waits for the end; returns exit code and the last line that it printed."""
        printed, _ = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, (printed.strip().splitlines() or [""])[-1]

    def figures(self) -> list[dict[str, float]]:
        """Returns the figures of each epoch, without its seconds."""
        history = json.loads((self.folder / "run" / "history.json").read_text())
        return [
            {name: value for name, value in epoch.items() if name != "seconds"}
            for epoch in history["epochs"]
        ]


def start(
    world: World, folder: Path, before: str = "", tf_config: Any = None, **settings: Any
) -> Training:
    """Starts a training; `before` is run before everything else."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({**CONFIG, **settings}))
    command = [sys.executable, "-c", before + RUN]
    for name, value in (
        ("examples", Path(world.example_files[0]).parent),
        ("movies", Path(world.movie_files[0]).parent),
        ("transform-graph", world.transform_graph),
        ("model", folder / "model"),
        ("run", folder / "run"),
        ("config", folder / "config.json"),
    ):
        command += [f"--{name}", str(value)]
    environment = {**os.environ, **({"TF_CONFIG": json.dumps(tf_config)} if tf_config else {})}
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return Training(process, folder)


def two_workers(world: World, folder: Path, before_second: str = "") -> tuple[Training, Training]:
    """Starts two workers on loopback; the first is the chief."""
    with socket.create_server(("", 0)) as one, socket.create_server(("", 0)) as two:
        ports = [server.getsockname()[1] for server in (one, two)]
    cluster = {"worker": [f"localhost:{port}" for port in ports]}
    first, second = (
        start(
            world,
            folder / f"worker-{index}",
            before,
            {"cluster": cluster, "task": {"type": "worker", "index": index}},
        )
        for index, before in enumerate(("", before_second))
    )
    return first, second


def assert_same_figures(got: list[dict[str, float]], expected: list[dict[str, float]]) -> None:
    """The order of additions differs, so the last digits may."""
    assert len(got) == len(expected) == CONFIG["epochs"]
    for epoch, reference in zip(got, expected, strict=True):
        assert epoch == pytest.approx(reference, rel=1e-5)


@pytest.fixture(scope="module")
def one_device(world: World, tmp_path_factory: pytest.TempPathFactory) -> Training:
    training = start(world, tmp_path_factory.mktemp("devices") / "one")
    assert training.ended()[0] == 0
    return training


@pytest.mark.slow
def test_two_devices_train_the_model_of_one(
    world: World, tmp_path: Path, one_device: Training
) -> None:
    two = start(world, tmp_path / "two", TWO_DEVICES, devices=2)
    assert two.ended()[0] == 0
    assert_same_figures(two.figures(), one_device.figures())
    assert (two.folder / "model" / "saved_model.pb").exists()


@pytest.mark.slow
def test_two_devices_divide_windows_with_their_positions(world: World, tmp_path: Path) -> None:
    settings = {"query": "sequence", "window": 8, "positions": 3, "transition_rank": 8}
    one = start(world, tmp_path / "one", **settings)
    assert one.ended()[0] == 0
    two = start(world, tmp_path / "two", TWO_DEVICES, devices=2, **settings)
    assert two.ended()[0] == 0
    assert_same_figures(two.figures(), one.figures())


@pytest.mark.slow
def test_two_workers_train_the_model_of_one_and_the_chief_exports(
    world: World, tmp_path: Path, one_device: Training
) -> None:
    chief, other = two_workers(world, tmp_path)
    assert chief.ended()[0] == 0
    assert other.ended()[0] == 0
    assert_same_figures(chief.figures(), one_device.figures())
    assert (chief.folder / "model" / "saved_model.pb").exists()
    assert {path.name for path in other.folder.iterdir()} == {"config.json"}


@pytest.mark.slow
def test_training_ends_with_one_line_where_a_worker_dies(world: World, tmp_path: Path) -> None:
    chief, other = two_workers(world, tmp_path, DIES_IN_THE_SECOND_EPOCH)
    assert other.ended()[0] == 9
    code, line = chief.ended()
    assert code == 1
    assert line.startswith("error: Trainer: a worker of TF_CONFIG is gone")
    assert not (chief.folder / "model").exists()


@pytest.mark.slow
def test_worker_refuses_more_devices_than_there_are(world: World, tmp_path: Path) -> None:
    code, line = start(world, tmp_path / "many", devices=1000).ended()
    assert code == 2
    assert line.startswith("error: trainer.devices=1000: TensorFlow sees")


def test_read_config_refuses_what_is_no_setting(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"epoch": 3}')
    with pytest.raises(ConfigError, match="--config: epoch"):
        worker.read_config(path)
    path.write_text("[]")
    with pytest.raises(ConfigError, match="no settings as JSON"):
        worker.read_config(path)


def test_record_files_refuses_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no files of Examples"):
        worker.record_files(tmp_path)
