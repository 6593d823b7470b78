"""Origin: the artifacts behind the report, and the versions of the software."""

from __future__ import annotations

from components.report.facts import Facts
from components.report.page import formatting
from components.report.page.blocks import Section, Table


def origin(facts: Facts) -> Section:
    """Returns lineage and versions."""
    lineage = Table(
        "Lineage: the artifacts that this report was made from",
        ("input", "type", "id", "address"),
        tuple(
            (
                formatting.plain(one.key),
                one.type,
                str(one.id) if one.id else formatting.DASH,
                one.uri,
            )
            for one in facts.artifacts
        ),
        text_columns=frozenset({1, 3}),
        note=f"Live model: version {facts.live_version}." if facts.live_version else "",
    )
    versions = Table(
        "Versions",
        ("package", "version"),
        tuple(facts.versions.items()),
        text_columns=frozenset({1}),
    )
    return Section("origin", "Lineage and versions", "", (lineage, versions))
