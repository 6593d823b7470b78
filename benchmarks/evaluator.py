"""How many held-out rows a second the Evaluator measures, on the model that `ours` exported.

Use: python -m benchmarks.evaluator --work DIR
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.contenders import two_tower
from benchmarks.machine import peak_memory
from benchmarks.split import World
from components.tensorflow_settings import prepare_tensorflow


def measure(world: World) -> dict[str, Any]:
    """Runs the component's executor once; the seconds are without imports."""
    from tfx import types
    from tfx.dsl.components.base import base_beam_executor
    from tfx.types import artifact_utils, standard_artifacts
    from tfx.utils import proto_utils

    from components.artifacts import Metrics
    from components.evaluator.config import EvaluatorConfig, GateConfig
    from components.evaluator.eval_config import eval_config
    from components.evaluator.executor import METRICS_KEY, Executor
    from pipeline.config.beam_engines import LOCAL_BEAM_ARGS

    def artifact(kind: type[types.Artifact], uri: Path | str) -> list[types.Artifact]:
        created = kind()
        created.uri = str(uri)
        return [created]

    examples = artifact(standard_artifacts.Examples, world.facts["examples"])
    examples[0].split_names = artifact_utils.encode_split_names(["train", "eval"])
    model = (world.folder / two_tower.MODEL).parent
    with tempfile.TemporaryDirectory() as folder:
        context = base_beam_executor.BaseBeamExecutor.Context(
            beam_pipeline_args=list(LOCAL_BEAM_ARGS), tmp_dir=folder, unique_id="1"
        )
        outputs = {
            "evaluation": artifact(standard_artifacts.ModelEvaluation, Path(folder, "evaluation")),
            "blessing": artifact(standard_artifacts.ModelBlessing, Path(folder, "blessing")),
            METRICS_KEY: artifact(Metrics, Path(folder, "metrics")),
        }
        parameters = {
            "eval_config": proto_utils.proto_to_json(eval_config(GateConfig(), EvaluatorConfig())),
            "example_splits": "null",
            "fairness_indicator_thresholds": "null",
        }
        start = time.perf_counter()
        Executor(context).Do(
            {"examples": examples, "model": artifact(standard_artifacts.Model, model)},
            outputs,
            parameters,
        )
        seconds = time.perf_counter() - start
    rows = len(world.split.eval_user)
    return {
        "rows": rows,
        "users": len(world.split.asked),
        "seconds": seconds,
        "rows_per_second": rows / seconds,
        "peak_bytes": peak_memory(),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and prints JSON; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args(argv)
    prepare_tensorflow()
    print(json.dumps(measure(World.open(arguments.work))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
