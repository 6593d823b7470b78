"""The Beam job: blocks of rating files in, files of Examples and a summary out.

blocks ── parse ── (bucket of users, rows) ─┐
users  ──────────  (bucket of users, rows) ─┴─ one GroupByKey ── merge ── split ── write

A record between the steps is not a rating and not a user but a table: the rows that a block has of
one bucket of users. A bucket holds the users of one hash value and becomes one file of each split.
"""

from __future__ import annotations

import os
import pickle
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam import pvalue
from tfx.utils import io_utils

from components.contracts.examples import EVAL, MOVIES, TRAIN
from components.example_gen import summary
from components.example_gen.config import SplitConfig
from components.example_gen.reading.ratings import Rules
from components.example_gen.sources import blocks
from components.example_gen.sources.blocks import Block
from components.example_gen.sources.catalogue import Movie, User
from components.example_gen.summary import RowLocation, Summary
from components.example_gen.users import (
    counts,
    examples,
    interactions,
    records,
    splits,
    temporal_cut,
)
from components.example_gen.users.interactions import Interactions, MergeRules

Features = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Job:
    """What the job reads, how, and where it writes.

    Attributes:
        blocks: What to read.
        rules: Which rows to accept.
        split: How to divide them.
        buckets: Number of groups of users, and so of files for each split.
        examples_uri: Where the user Examples go.
        users: The rows of the users file; None where there is no such file.
        merging: How repeated interactions are joined.
        counts_path: Where the Summary of the job goes, pickled.
    """

    blocks: list[Block]
    rules: Rules
    split: SplitConfig
    buckets: int
    examples_uri: str
    counts_path: str
    users: list[User] | None = None
    merging: MergeRules = field(default_factory=MergeRules)


@dataclass(frozen=True)
class Bucket:
    """The merged interactions and the features of a bucket's users."""

    number: int
    data: Interactions
    features: Features = field(default_factory=dict)


def bucket_of(user: str, buckets: int) -> int:
    """Returns which of the buckets a user belongs to: CRC-32 of the id, modulo `buckets`."""
    return zlib.crc32(user.encode()) % buckets


def partition(table: pa.Table, buckets: int) -> Iterator[tuple[int, pa.Table]]:
    """Yields the rows of each bucket that has any."""
    if not table.num_rows:
        return
    if buckets == 1:
        yield 0, table
        return
    encoded = table["user"].combine_chunks().dictionary_encode()
    numbers = np.array([bucket_of(user, buckets) for user in encoded.dictionary.to_pylist()])
    of_row = numbers[encoded.indices.to_numpy()]
    order = np.argsort(of_row, kind="stable")
    ends = np.searchsorted(of_row[order], np.arange(buckets + 1))
    for bucket in range(buckets):
        rows = order[ends[bucket] : ends[bucket + 1]]
        if len(rows):
            yield bucket, table.take(pa.array(rows))


def parse_block(block: Block, rules: Rules, buckets: int) -> Iterator[Any]:
    """Yields (bucket, table) for each bucket; the block's counts go to the output "counts"."""
    parsed, lines = blocks.parse(block, rules)
    firsts = {
        reason: RowLocation(block.name, block.start, line, text)
        for reason, (line, text) in parsed.firsts.items()
    }
    of_block = Summary(
        rows=parsed.rows,
        dropped=Counter(parsed.dropped),
        firsts=firsts,
        lines={(block.name, block.start): lines},
    )
    yield pvalue.TaggedOutput("counts", of_block)
    yield from partition(parsed.table, buckets)


def merge_bucket(
    element: tuple[int, Iterable[pa.Table | Features]], has_users: bool, merging: MergeRules
) -> Iterator[Any]:
    """Yields the Bucket of all its parts; its counts go to the output "counts"."""
    number, parts = element
    tables: list[pa.Table] = []
    features: Features = {}
    for part in parts:
        if isinstance(part, pa.Table):
            tables.append(part)
        else:
            features.update(part)
    if not tables:
        return
    data, dropped = interactions.merge(tables, merging)
    missing = sum(user not in features for user in data.users) if has_users else 0
    yield pvalue.TaggedOutput("counts", counts.count_interactions(data, dropped, missing))
    yield Bucket(number, data, features)


def write_bucket(
    bucket: Bucket, cut: int | None, config: SplitConfig, buckets: int, uri: str
) -> Summary:
    """Splits a bucket, writes its file of each split and returns its counts."""
    held_out = splits.eval_mask(bucket.data, config, cut)
    pairs = list(examples.user_examples(bucket.data, held_out, bucket.features))
    for split, of_users in zip((TRAIN, EVAL), zip(*pairs, strict=True), strict=True):
        path = records.shard_path(split_uri(uri, split), bucket.number, buckets)
        if present := [example for example in of_users if example is not None]:
            records.write_records(path, present)
    return counts.count_split(bucket.data, held_out)


def split_uri(uri: str, split: str) -> str:
    """Returns the folder of a split, as TFX names it."""
    return os.path.join(uri, f"Split-{split}")


def write_movies(uri: str, movies: Iterable[Movie]) -> None:
    """Writes the catalogue's Examples."""
    path = records.shard_path(split_uri(uri, MOVIES), 0, 1)
    records.write_records(path, map(examples.movie_example, movies))


def _write_counts(total: Summary, path: str) -> None:
    io_utils.write_bytes_file(path, pickle.dumps(total))


def _features_by_bucket(users: Iterable[User], buckets: int) -> list[tuple[int, Features]]:
    """Returns (bucket, user id → features) for each bucket that has users."""
    result: dict[int, Features] = {}
    for user in users:
        result.setdefault(bucket_of(user.user_id, buckets), {})[user.user_id] = user.features
    return list(result.items())


def _cut(buckets: beam.PCollection, fraction: float) -> pvalue.AsSingleton:
    """Returns the second at which eval starts, as a side input."""
    return pvalue.AsSingleton(
        buckets
        | "CountTimes" >> beam.Map(lambda bucket: temporal_cut.count(bucket.data.timestamp))
        | "AddTimes" >> beam.CombineGlobally(temporal_cut.merge)
        | "FindCut" >> beam.Map(temporal_cut.cut, fraction)
    )


def build(pipeline: beam.Pipeline, job: Job) -> None:
    """Adds the job to a Beam pipeline."""
    parsed = (
        pipeline
        | "Blocks" >> beam.Create(job.blocks)
        | "Parse"
        >> beam.FlatMap(parse_block, job.rules, job.buckets).with_outputs("counts", main="tables")
    )
    users = pipeline | "Users" >> beam.Create(_features_by_bucket(job.users or [], job.buckets))
    merged = (
        (parsed.tables, users)
        | "BothParts" >> beam.Flatten()
        | "GroupByBucket" >> beam.GroupByKey()
        | "Merge"
        >> beam.FlatMap(merge_bucket, job.users is not None, job.merging).with_outputs(
            "counts", main="buckets"
        )
    )
    temporal = job.split.method == "temporal"
    cut = _cut(merged.buckets, job.split.eval_fraction) if temporal else None
    written = merged.buckets | "Write" >> beam.Map(
        write_bucket, cut, job.split, job.buckets, job.examples_uri
    )
    (
        (parsed.counts, merged.counts, written)
        | "AllCounts" >> beam.Flatten()
        | "AddUp" >> beam.CombineGlobally(summary.add_up)
        | "WriteCounts" >> beam.Map(_write_counts, job.counts_path)
    )
