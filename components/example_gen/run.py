"""From a folder of rating files to files of Examples: ExampleGen without TFX's artifacts."""

from __future__ import annotations

import os
from collections.abc import Callable

import apache_beam as beam
import pyarrow as pa
from tfx.dsl.io import fileio

from components.example_gen import blocks, catalogue, files, ingest, layouts, records, summary
from components.example_gen.catalogue import Movie, Skipped
from components.example_gen.config import DataConfig, SplitConfig
from components.example_gen.ingest import Job
from components.example_gen.layouts import Layout
from components.example_gen.ratings import Rules
from components.example_gen.summary import Summary

BUCKET_BYTES = 32 << 20


def bucket_count(layout: Layout, data: DataConfig) -> int:
    """Returns into how many groups users are divided, of which each must fit into memory."""
    if data.output_shards:
        return data.output_shards
    return -(-sum(map(files.size, layout.ratings)) // BUCKET_BYTES)


def _check_skipped(skipped: Skipped, max_share: float, paths: tuple[str, ...]) -> Summary:
    """Refuses a movies or users file of which too much is broken; returns its counts."""
    part = Summary(rows=skipped.rows)
    part.dropped.update(skipped.dropped)
    summary.check_share(part, max_share, " and ".join(paths), skipped.firsts)
    return Summary(dropped=part.dropped)


def ingest_ratings(
    root: str,
    patterns: list[str],
    data: DataConfig,
    split: SplitConfig,
    examples_uri: str,
    movies_uri: str,
    make_pipeline: Callable[[], beam.Pipeline],
) -> str:
    """Reads, checks, splits and writes.

    Args:
        root: Folder of the data.
        patterns: Globs below it.
        data: How to read.
        split: How to split.
        examples_uri: Folder for Split-train, Split-eval and summary.json.
        movies_uri: Folder for Split-movies.
        make_pipeline: Makes the Beam pipeline to run in.

    Returns:
        The content of summary.json.

    Raises:
        DataError: If the data is refused.
    """
    layout = layouts.detect_layout(
        layouts.find_files(root, patterns), data.layout, f"data root {root}"
    )
    movies, users = None, None
    parts: list[Summary] = []
    if layout.movies:
        movies, skipped = catalogue.read_movies(layout)
        parts.append(_check_skipped(skipped, data.max_dropped_share, layout.movies))
    if layout.users:
        users, skipped = catalogue.read_users(layout)
        parts.append(_check_skipped(skipped, data.max_dropped_share, layout.users))
    known = None if movies is None else pa.array([movie.movie_id for movie in movies])
    job = Job(
        blocks=blocks.plan(layout, data.block_bytes),
        rules=Rules(data.min_rating, data.max_rating, known),
        split=split,
        buckets=bucket_count(layout, data),
        examples_uri=examples_uri,
        movies_uri=movies_uri,
        counts_path=os.path.join(examples_uri, records.PARTIAL, "counts.json"),
        users=users,
    )
    with make_pipeline() as pipeline:
        ingest.build(pipeline, job)
    with fileio.open(job.counts_path) as file:
        total = summary.add_up([summary.decode(file.read()), *parts])
    summary.check(total, data.max_dropped_share, f"data root {root}")
    if movies is None:
        movies = [Movie(movie_id, movie_id) for movie_id in sorted(total.rated)]
    ingest.write_movies(movies_uri, movies)
    sizes = {os.path.relpath(path, root): files.size(path) for path in layout.files}
    text = summary.to_json(total, layout.name, sizes, len(movies))
    with fileio.open(os.path.join(examples_uri, summary.FILE_NAME), "w") as file:
        file.write(text)
    records.remove_partial(examples_uri)
    records.remove_partial(movies_uri)
    return text
