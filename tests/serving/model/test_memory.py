"""Memory over many swaps: what a replaced version held is given back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
MODEL_MB, SETTLED, SWAPS = 32, 3, 8
SCRIPT = f"""
import asyncio, json, re, shutil
from pathlib import Path
import tensorflow as tf
from serving.model.holder import ModelHolder
from serving.model.watcher import Watcher

class Model(tf.Module):
    def __init__(self):
        super().__init__()
        self.table = tf.Variable(tf.random.uniform([{MODEL_MB} << 18]), trainable=False)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "user_id")])
    def serving_default(self, user_id):
        return {{"score": tf.cast(tf.strings.length(user_id), tf.float32) + self.table[0]}}

def memory():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"RssAnon:\\s+(\\d+) kB", status)[1]) / 1024

async def swap():
    folder, sizes = Path("versions"), []
    watcher = Watcher(folder, ModelHolder(), lambda event, **facts: events.append(event))
    for version in range(1, {SWAPS} + 2):
        shutil.copytree("model", folder / str(version))
        await watcher.look()
        sizes.append(memory())
    watcher.close()
    return sizes

events = []
model = Model()
tf.saved_model.save(model, "model", signatures=model.serving_default)
del model
sizes = asyncio.run(swap())
assert events == ["model_swapped"] * ({SWAPS} + 1), events
print(json.dumps(sizes))
"""


@pytest.mark.slow
def test_replaced_versions_give_their_memory_back(tmp_path: Path) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env={"PYTHONPATH": str(PROJECT)},
        capture_output=True, text=True, check=True, timeout=600,
    ).stdout  # fmt: skip
    sizes = json.loads(printed.splitlines()[-1])
    # Were versions kept, each of them would add its table; half of one is what may come and go.
    assert sizes[-1] - sizes[SETTLED] < MODEL_MB / 2, sizes
