from __future__ import annotations

import json
from pathlib import Path

from tfx.types import standard_artifacts

from components.component import Artifacts
from components.report.component import Report
from components.report.config import ReportConfig
from components.report.facts import Facts
from components.report.reading.gather import gather


def _inputs(root: Path) -> Artifacts:
    inputs = Artifacts()
    for key, kind in Report.INPUTS.items():
        inputs[key] = [kind()]
        inputs[key][0].uri = str(root)
    inputs["anomalies"][0].split_names = '["train"]'
    return inputs


def test_gather_reads_the_trials_of_a_search(tmp_path: Path) -> None:
    (tmp_path / "trials.json").write_text(json.dumps({"best": 2}))
    inputs = _inputs(tmp_path)
    inputs["tuner_results"] = [standard_artifacts.TunerResults()]
    inputs["tuner_results"][0].uri = str(tmp_path)
    assert gather(Facts("demo"), inputs, ReportConfig()).trials == {"best": 2}


def test_gather_keeps_what_can_be_read_and_says_what_cannot(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text(json.dumps({"ratings": 3}))
    (tmp_path / "history.json").write_text("{half")
    known = Facts("demo", span=2, live_version="17")
    facts = gather(known, _inputs(tmp_path), ReportConfig())
    assert facts.summary == {"ratings": 3}
    assert facts.ratings is not None  # no files, no ratings
    assert facts.ratings.by_movie == {}
    assert facts.trials is None  # there was no search
    assert (facts.history, facts.verdict, facts.check, facts.query_results) == (None,) * 4
    assert set(facts.problems) == {
        *("anomalies", "drift", "history", "verdict", "check", "query_results")
    }
    assert all(facts.problems.values())
    assert (facts.live_version, facts.span) == ("17", 2)
    assert facts.versions["python"]
