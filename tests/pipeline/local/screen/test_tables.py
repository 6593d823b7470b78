from __future__ import annotations

import io

import pytest
from rich.console import Console

from pipeline.local.run.samples import RecommendationSample
from pipeline.local.screen.tables import print_sample


@pytest.mark.parametrize("title", ["[/x]", "[bold]Kite", "[link=x]", "Red [1999]", "\\[/]"])
def test_print_sample_shows_titles_and_ids_as_they_are(title: str) -> None:
    text = io.StringIO()
    sample = RecommendationSample(title, [(title, 5.0)], [title])
    print_sample(Console(file=text, width=80), sample)
    assert text.getvalue().count(title) == 3
