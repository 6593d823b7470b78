"""The inputs of a training: user rows, catalogue and transform graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.trainer.inputs.catalogue import Catalogue, read_catalogue
from components.trainer.inputs.transform_graph import TransformGraph
from components.trainer.inputs.user_rows import Summary, summarise


@dataclass(frozen=True)
class TrainingInputs:
    """The inputs of a training, read once; several trainings may share them.

    Attributes:
        example_files: Gzip TFRecords of the train split's user Examples.
        graph: Transform graph.
        catalogue: All candidates.
        summary: Counts, and the rows.
    """

    example_files: Sequence[str]
    graph: TransformGraph
    catalogue: Catalogue
    summary: Summary


def read_training_inputs(
    example_files: Sequence[str],
    movie_files: Sequence[str],
    transform_graph: str,
) -> TrainingInputs:
    """Reads the inputs.

    Args:
        example_files: Gzip TFRecords of the train split's user Examples.
        movie_files: Gzip TFRecords of the movie Examples.
        transform_graph: Folder that Transform wrote.

    Raises:
        DataError: There is no interaction, or no candidate.
    """
    graph = TransformGraph(transform_graph)
    summary = summarise(example_files, graph)
    return TrainingInputs(example_files, graph, read_catalogue(movie_files), summary)
