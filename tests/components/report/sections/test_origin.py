from __future__ import annotations

from components.report.facts import Facts
from components.report.sections.origin import origin


def test_origin_names_artifacts_versions_and_live_model(facts: Facts) -> None:
    lineage, versions = origin(facts).blocks
    assert lineage.rows == (("examples", "Examples", "3", "/root/examples/3"),)
    assert lineage.note == "Live model: version 17."
    assert versions.rows == (("tfx", "1.16.0"),)
