"""ExampleGen's job without Beam: the same functions in plain loops, for many small data sets."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from apache_beam import pvalue

from components.example_gen import beam_job, summary
from components.example_gen.beam_job import Job
from components.example_gen.summary import Summary


def run_directly(job: Job, make_pipeline: Any) -> Summary:
    """Takes the place of ingest_ratings._run for the random split; returns the job's counts."""
    assert job.split.method == "random"
    counts: list[Summary] = []
    parts: dict[int, list[Any]] = defaultdict(list)

    def main_output(outputs: Any) -> list[Any]:
        mine = []
        for output in outputs:
            if isinstance(output, pvalue.TaggedOutput):
                counts.append(output.value)
            else:
                mine.append(output)
        return mine

    for block in job.blocks:
        for bucket, table in main_output(beam_job.parse_block(block, job.rules, job.buckets)):
            parts[bucket].append(table)
    for bucket, features in beam_job._features_by_bucket(job.users or [], job.buckets):
        parts[bucket].append(features)
    for element in parts.items():
        merged = beam_job.merge_bucket(element, job.users is not None, job.merging)
        counts += [
            beam_job.write_bucket(bucket, None, job.split, job.buckets, job.examples_uri)
            for bucket in main_output(merged)
        ]
    return summary.add_up(counts)
