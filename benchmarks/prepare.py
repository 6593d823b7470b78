"""Makes the split with the pipeline's own ExampleGen and Transform.

    python -m benchmarks.prepare --work DIR [--data-root DIR] [--set SECTION.KEY=VALUE]

A second call with the same data finds all in TFX's cache.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.split import Split
from components.contracts.examples import MOVIE_ID, USER_ID
from components.tensorflow_settings import prepare_tensorflow


class Says:
    """Tells on the terminal what runs."""

    def started(self, node_id: str) -> None:
        """Called before a node runs."""

    def finished(self, result: Any) -> None:
        """Called after a node ran."""
        state = "cached" if result.cached else result.state
        print(f"  {result.id:<12} {state} {result.seconds:.1f} s", file=sys.stderr, flush=True)


def run_components(data_root: Path, work: Path, assignments: Sequence[str]) -> dict[str, str]:
    """Runs ExampleGen, SchemaGen and Transform; returns the folders of their artifacts."""
    from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
    from tfx.components.transform.component import Transform
    from tfx.orchestration import metadata
    from tfx.orchestration.pipeline import Pipeline

    from components.example_gen.component import RatingsExampleGen
    from pipeline.config.beam_engines import beam_args
    from pipeline.config.settings import load_config
    from pipeline.graph import PREPROCESSING_FN
    from pipeline.local.run.dag import NodeResult, run_dag

    config = load_config(assignments=assignments)
    examples = RatingsExampleGen(str(data_root), config.data, config.split).with_id("ExampleGen")
    schema = ImportSchemaGen(schema_file=str(Path("schemas/interactions.pbtxt").absolute()))
    transform = Transform(
        examples=examples.outputs["examples"],
        schema=schema.outputs["schema"],
        preprocessing_fn=PREPROCESSING_FN,
        materialize=False,
        disable_statistics=True,
        disable_analyzer_cache=True,
    )
    pipeline = Pipeline(
        pipeline_name="benchmarks",
        pipeline_root=str(work / "artifacts"),
        components=[examples, schema.with_id("SchemaGen"), transform],
        enable_cache=True,
        beam_pipeline_args=beam_args(config.beam),
        metadata_connection_config=metadata.sqlite_metadata_connection_config(
            str(work / "metadata.db")
        ),
    )
    results: dict[str, NodeResult] = {}
    run_dag(pipeline, Says(), {}, results)
    return {
        "examples": results["ExampleGen"].outputs["examples"][0].uri,
        "movies": results["ExampleGen"].outputs["movies"][0].uri,
        "transform_graph": results["Transform"].outputs["transform_graph"][0].uri,
    }


def read_split(examples: Path, movies: Path) -> Split:
    """Reads the Examples into arrays."""
    movie_ids = [row[MOVIE_ID][0] for row in _read(movies / "Split-movies")]
    movie_index = {movie: index for index, movie in enumerate(movie_ids)}
    rows = {name: list(_read(examples / f"Split-{name}")) for name in ("train", "eval")}
    user_ids = sorted({row[USER_ID][0] for part in rows.values() for row in part})
    user_index = {user: index for index, user in enumerate(user_ids)}
    arrays = {}
    for name, part in rows.items():
        pairs = [
            (user_index[row[USER_ID][0]], movie_index[movie])
            for row in part
            for movie in row[MOVIE_ID]
        ]
        both = np.array(pairs, dtype=np.int32).reshape(-1, 2)
        both = both[np.argsort(both[:, 0], kind="stable")]
        arrays[f"{name}_user"], arrays[f"{name}_movie"] = both[:, 0].copy(), both[:, 1].copy()
    return Split(np.array(user_ids), np.array(movie_ids), **arrays)


def _read(folder: Path) -> Iterator[dict[str, list[bytes]]]:
    """Yields the ids of each Example of a folder."""
    from components.contracts.example_readers import examples

    for example in examples(sorted(str(path) for path in folder.glob("*.gz"))):
        features = example.features.feature
        yield {
            name: list(features[name].bytes_list.value)
            for name in (USER_ID, MOVIE_ID)
            if name in features
        }


def data_folder(data_root: Path | None, work: Path) -> Path:
    """Returns the given folder, or that of the generated sample."""
    if data_root is not None:
        return data_root.absolute()
    from pipeline.sample_data import generate

    return Path(generate.ensure_sample(work / "sample-data")).absolute()


def main(argv: Sequence[str] | None = None) -> int:
    """Prepares; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="assignments")
    arguments = parser.parse_args(argv)
    prepare_tensorflow()
    work = arguments.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    root = data_folder(arguments.data_root, work)
    folders = run_components(root, work, arguments.assignments)
    read_split(Path(folders["examples"]), Path(folders["movies"])).save(work / "split.npz")
    summary = json.loads((Path(folders["examples"]) / "summary.json").read_text(encoding="utf-8"))
    facts = {"name": root.name, "data": summary, **folders}
    (work / "world.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
