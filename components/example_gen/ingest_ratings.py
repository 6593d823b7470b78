"""From a folder of rating files to files of Examples: ExampleGen without TFX's artifacts."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import apache_beam as beam
from tfx.utils import io_utils

from components.example_gen import beam_job, summary
from components.example_gen.beam_job import Job
from components.example_gen.config import DataConfig, SplitConfig
from components.example_gen.formats import containers, files
from components.example_gen.inspection import inspect
from components.example_gen.inspection.sample import read_sample
from components.example_gen.sources import blocks, catalogue, data_files, genres
from components.example_gen.sources.catalogue import Movie, User
from components.example_gen.sources.data_set import DataFiles, check_split
from components.example_gen.sources.rules import make_rules
from components.example_gen.summary import Summary
from components.example_gen.users import records
from components.example_gen.users.interactions import MergeRules

BUCKET_BYTES = 32 << 20
COMPRESSION = 4  # rows of numbers as gzip and the like write them


def bucket_count(data: DataFiles, config: DataConfig) -> int:
    """Returns the number of groups of users; the ratings of each must fit into memory."""
    if config.output_shards:
        return config.output_shards
    return max(1, -(-sum(plain_bytes(file.path) for file in data.ratings) // BUCKET_BYTES))


def plain_bytes(path: str) -> int:
    """Returns about how many bytes of plain text a file holds."""
    packed = bool(containers.compression(files.read_bytes(path, 16)))
    return files.size(path) * (COMPRESSION if packed else 1)


def _read_catalogue(
    data: DataFiles, config: DataConfig, root: str
) -> tuple[list[Movie] | None, list[User] | None, Summary, list[str]]:
    """Reads movies and users; None where there is no such file.

    Returns:
        Movies, users, the counts of the rows dropped, and warnings.

    Raises:
        DataError: If too many rows are broken.
    """
    movies, movie_counts = catalogue.read_movies(data)
    users, user_counts = catalogue.read_users(data)
    warnings = []
    for counts, what in ((movie_counts, "rows of movies"), (user_counts, "rows of users")):
        summary.check_share(counts, config.max_dropped_share, root, what)
        warnings += summary.drop_warnings(counts, root, what)
    warnings += genres.genre_warnings(movie.genres for movie in movies)
    total = summary.add_up([movie_counts, user_counts])
    total.rows = 0  # the summary counts the rows of ratings
    return movies if data.movies else None, users if data.users else None, total, warnings


def _run(job: Job, make_pipeline: Callable[[], beam.Pipeline]) -> Summary:
    """Runs the Beam job and returns its counts."""
    with make_pipeline() as pipeline:
        beam_job.build(pipeline, job)
    return cast(Summary, pickle.loads(io_utils.read_bytes_file(job.counts_path)))


def ingest_ratings(
    root: str,
    patterns: list[str],
    data: DataConfig,
    split: SplitConfig,
    examples_uri: str,
    movies_uri: str,
    make_pipeline: Callable[[], beam.Pipeline],
    read_spans: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Reads and checks the data, splits it and writes Examples and the summary.

    Args:
        root: Folder of the data.
        patterns: Globs below it.
        data: How to read.
        split: How to split.
        examples_uri: Folder for Split-train, Split-eval and summary.json.
        movies_uri: Folder for Split-movies.
        make_pipeline: Returns the Beam pipeline to run in.
        read_spans: Spans that the patterns stand for, for the summary.

    Returns:
        The content of summary.json.

    Raises:
        DataError: If the data is refused.
    """
    located = data_files.locate(root, patterns, data)
    check_split(located, split.method)
    movies, users, catalogue_counts, warnings = _read_catalogue(located, data, root)
    known = None if movies is None else [movie.movie_id for movie in movies]
    rules = make_rules(located, data, known)
    job = Job(
        blocks=blocks.plan(
            located, data.block_bytes, os.path.join(examples_uri, records.PARTIAL, "plain")
        ),
        rules=rules,
        split=split,
        buckets=bucket_count(located, data),
        examples_uri=examples_uri,
        counts_path=os.path.join(examples_uri, records.PARTIAL, "counts.pickle"),
        users=users,
        merging=MergeRules(located.repeats(data), data.positive.above_user_mean),
    )
    total = _run(job, make_pipeline)
    summary.check_share(total, data.max_dropped_share, root, "rows of ratings")
    summary.check_splits(total, root)
    about = None if movies is None else inspect.catalogue_document(movies, catalogue_counts)
    inspection = inspect.describe(located, data, rules, read_sample(located, rules), about, root)
    warnings = [
        *summary.drop_warnings(total, root, "rows"),
        *warnings,
        *inspect.notes(inspection),
    ]
    for warning in warnings:
        logging.warning("ExampleGen: %s", warning)
    movies = movies or []
    missing = sorted(total.rated - {movie.movie_id for movie in movies})
    movies += [Movie(movie_id, movie_id) for movie_id in missing]
    beam_job.write_movies(movies_uri, movies)
    sizes = {os.path.relpath(path, root): files.size(path) for path in located.paths}
    total = summary.add_up([total, catalogue_counts])
    if not located.has_time:
        total.first = total.last = None
    document = summary.to_json(
        total, located.layout, sizes, len(movies), root, read_spans, inspection, warnings
    )
    io_utils.write_string_file(os.path.join(examples_uri, summary.FILE_NAME), document)
    for uri in (examples_uri, movies_uri):
        records.remove_partial(uri)
    return document
