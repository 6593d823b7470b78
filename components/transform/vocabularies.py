"""The vocabularies of all features, made in one pass over the data.

`tft.vocabulary` makes some seventy Beam steps for each feature, which take seconds on small data.
Here one combiner counts the values of all features.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import apache_beam as beam
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform.beam.experimental import PTransformAnalyzer

Counts = list[Counter[bytes]]

# A lookup table cannot be made of an empty file; the value is the one that TFT takes.
EMPTY = b"49d0cd50-04bb-48c0-bc6f-5b575dce351a"
# A vocabulary is a file with a value in each line. \C is any byte, whether it is UTF-8 or not.
_NOT_A_LINE = r"\C*[\n\r]\C*|"


def vocabularies(values: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Returns the vocabulary file of each feature, whose name is that of the feature.

    A file has the values in order of frequency, the most frequent first, and equally frequent ones
    in descending order of their bytes, as `tft.vocabulary` does. Empty values and values with a
    line break are left out.

    Args:
        values: For each feature its values in a batch, string [n].

    Returns:
        For each feature the path of the file, string [], for `tft.apply_vocabulary`.
    """
    inputs = [part for value in values.values() for part in _counted(value)]
    files = tft.experimental.ptransform_analyzer(
        inputs=inputs,
        ptransform=WriteVocabularies(list(values)),
        output_dtypes=[tf.string] * len(values),
        output_shapes=[[]] * len(values),
        output_asset_default_values=[EMPTY] * len(values),
        name="vocabularies",
    )
    for name in values:
        tft.annotate_asset(name, name)
    return dict(zip(values, files, strict=True))


def _counted(values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the different values of a batch, string [m], and how often each occurs, int64 [m]."""
    lines = tf.boolean_mask(values, ~tf.strings.regex_full_match(values, _NOT_A_LINE))
    different, _, counts = tf.unique_with_counts(lines, tf.int64)
    return different, counts


class WriteVocabularies(PTransformAnalyzer):
    """Counts the values of features and writes a vocabulary file for each."""

    def __init__(self, names: Sequence[str]) -> None:
        """Takes the names of the features, which are those of the files."""
        super().__init__()
        self._names = names

    def expand(self, batches: beam.PCollection) -> tuple[beam.PCollection, ...]:
        """Takes the arrays of `_counted` of all features; gives each feature's path, string []."""
        folder = self.base_temp_dir
        paths = (
            batches
            | "Count" >> beam.CombineGlobally(CountValues(len(self._names)))
            | "Write" >> beam.FlatMap(write, folder, self._names).with_outputs(*self._names)
        )
        return tuple(paths[name] for name in self._names)


class CountValues(beam.CombineFn):
    """Adds up how often each value of each feature occurs."""

    def __init__(self, features: int) -> None:
        """Takes the number of features."""
        self._features = features

    def create_accumulator(self) -> Counts:
        """Returns no values for each feature."""
        return [Counter() for _ in range(self._features)]

    def add_input(self, counts: Counts, batch: tuple[np.ndarray, ...]) -> Counts:
        """Adds the values and counts of a batch, two arrays [m] for each feature."""
        for known, values, more in zip(counts, batch[::2], batch[1::2], strict=True):
            for value, count in zip(values.tolist(), more.tolist(), strict=True):
                known[value] += count
        return counts

    def merge_accumulators(self, accumulators: Iterable[Counts]) -> Counts:
        """Adds up the counts of several workers."""
        total = self.create_accumulator()
        for counts in accumulators:
            for known, more in zip(total, counts, strict=True):
                known.update(more)
        return total

    def extract_output(self, counts: Counts) -> Counts:
        """Returns the counts of each feature."""
        return counts


def write(counts: Counts, folder: str, names: Sequence[str]) -> Iterable[beam.pvalue.TaggedOutput]:
    """Writes the files; gives each path, tagged with the feature's name."""
    tf.io.gfile.makedirs(folder)
    for name, known in zip(names, counts, strict=True):
        path = os.path.join(folder, name)
        with tf.io.gfile.GFile(path, "wb") as file:
            file.write(b"".join(value + b"\n" for value in in_order(known) or [EMPTY]))
        yield beam.pvalue.TaggedOutput(name, np.array(path))


def in_order(counts: Mapping[bytes, int]) -> list[bytes]:
    """Returns values, the most frequent first, equally frequent ones in descending order."""
    return sorted(counts, key=lambda value: (counts[value], value), reverse=True)
