from __future__ import annotations

import re

import pytest

from components.errors import ConfigError
from pipeline.datasets.catalogue import DATASETS, Dataset, find_dataset


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_dataset_is_checked_by_size_and_md5_or_by_neither(dataset: Dataset) -> None:
    assert (dataset.md5 is None) == (dataset.size is None) == (dataset.name == "ml-latest-small")
    assert dataset.md5 is None or re.fullmatch("[0-9a-f]{32}", dataset.md5)
    assert dataset.url.startswith("https://")
    assert dataset.url.endswith(f"/{dataset.name}.zip")
    assert "research" in dataset.terms


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_terms_say_who_may_pass_the_data_on(dataset: Dataset) -> None:
    # As in the README of each zip.
    free = dataset.name in ("ml-32m", "ml-latest-small")
    assert ("under these same terms only" in dataset.terms) == free
    assert ("do not pass it on without permission" in dataset.terms) != free


def test_names_and_checksums_are_different() -> None:
    assert len({dataset.name for dataset in DATASETS}) == len(DATASETS)
    assert len({dataset.md5 for dataset in DATASETS}) == len(DATASETS)


def test_find_dataset_lists_what_there_is() -> None:
    with pytest.raises(ConfigError, match="no data set 'ml-2m'; known: ml-100k, ml-1m, "):
        find_dataset("ml-2m")
