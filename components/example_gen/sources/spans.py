"""Data that arrives in folders: which spans exist, and which of them a run reads.

A span is a folder below the data root, named by a number (`span-{SPAN}`) or a day
(`{YYYY}-{MM}-{DD}`). A corrected span is a new version of it, in a folder of its own
(`span-3/v2`): the highest version counts, the files directly in the span's folder being version 0.
"""

from __future__ import annotations

import datetime
import glob
import itertools
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from components.errors import DataError, shown
from components.example_gen.config import AUTO, DataConfig
from components.example_gen.formats import files
from components.example_gen.layouts.known import ACCEPTED
from components.example_gen.sources import data_files

# What data.span_pattern=auto looks for: the first kind of which there is a folder is read.
KINDS = (
    ("span-{SPAN}", "span-{SPAN}/v{VERSION}", "span-{SPAN}/version-{VERSION}"),
    ("{YYYY}-{MM}-{DD}", "{YYYY}-{MM}-{DD}/v{VERSION}", "{YYYY}-{MM}-{DD}/version-{VERSION}"),
)
_GROUPS = {
    # Numbers of 64 bits, in the digits that everything else writes them in.
    "{SPAN}": r"(?P<span>[0-9]{1,18})",
    "{VERSION}": r"(?P<version>[0-9]{1,18})",
    "{YYYY}": r"(?P<year>[0-9]{4})",
    "{MM}": r"(?P<month>[0-9]{2})",
    "{DD}": r"(?P<day>[0-9]{2})",
}
_NAME = "span:"
_DATE_LIKE = re.compile(r"\d{4}\D?\d{2}")
_MOST_NAMES = 3  # in a warning
_PLACEHOLDER = re.compile(f"({'|'.join(map(re.escape, _GROUPS))})")


@dataclass(frozen=True, order=True)
class Span:
    """A folder of data.

    Attributes:
        number: The span's number; of a day the days since 1970.
        version: Its version; 0 where the folder's name has none.
        folder: The folder below the data root.
        label: Its number or its day, as shown to people.
    """

    number: int
    version: int
    folder: str
    label: str

    @property
    def pattern(self) -> str:
        """The glob of its files below the data root."""
        return os.path.join(glob.escape(self.folder), "*")

    def to_name(self) -> str:
        """Returns a name that holds label and version, for `from_name`."""
        return f"{_NAME}{self.label}:{self.version}"


def from_name(name: str) -> dict[str, Any] | None:
    """Returns label (`span`) and version from a name; None if it names no span."""
    if not name.startswith(_NAME):
        return None
    label, _, version = name[len(_NAME) :].rpartition(":")
    return {"span": label, "version": int(version)}


def select(root: str, config: DataConfig) -> list[Span]:
    """Returns the spans that a run reads, oldest first; none where the files are in `root` itself.

    Raises:
        DataError: If no folder matches data.span_pattern, or one of them holds no ratings.
    """
    if not config.span_pattern or not files.is_dir(root):
        return []
    if config.span_pattern == AUTO:
        if data_files.has_ratings(root, config):
            return []
        kinds = (_newest_versions(root, kind, config) for kind in KINDS)
        spans = next(filter(None, kinds), [])
    else:
        spans = _newest_versions(root, (config.span_pattern,), config)
        if not spans:
            inside = ", ".join(files.children(root)[:8]) or "nothing"
            raise DataError(
                f"data root {root}: no folder matches data.span_pattern {config.span_pattern} "
                f"(it holds {inside})"
            )
    return spans[-config.window :]


def patterns(root: str, config: DataConfig) -> list[str]:
    """Returns the globs of the files that a run reads, below `root`.

    Raises:
        DataError: See `select`.
    """
    return [span.pattern for span in select(root, config)] or ["*"]


def passed_over(root: str, config: DataConfig) -> str:
    """Returns a warning of folders whose names resemble those of spans and are none, or "".

    Hidden folders, and those that begin with `_`, are not meant to be read and are not told.

    Raises:
        DataError: See `select`.
    """
    if not select(root, config):
        return ""
    kinds = KINDS if config.span_pattern == AUTO else ((config.span_pattern,),)
    for kind in kinds:
        found = {span.folder.split(os.sep)[0] for span in _all_matching(root, kind)}
        if found:
            break
    words = [_first_word(pattern) for kind in kinds for pattern in kind]
    names = [
        shown(name)
        for name in files.children(root)
        if name not in found
        and not name.startswith((".", "_"))
        and (any(w and w in name.lower() for w in words) or _DATE_LIKE.match(name))
        and files.is_dir(os.path.join(root, name))
    ]
    if not names:
        return ""
    listed = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    folders = "1 folder is" if len(names) == 1 else f"{len(names)} folders are"
    return f"data root {root}: {folders} passed over ({listed}); accepted as spans: {kind[0]}"


def _first_word(pattern: str) -> str:
    """Returns the letters that a pattern begins with, such as `span`."""
    match = re.match(r"[^\W\d_]*", pattern)
    return match[0].lower() if match else ""


def describe(summary_spans: Iterable[Mapping[str, Any]]) -> str | None:
    """Returns the spans of summary.json as text such as 7 or 1-10; None for none."""
    labels = [str(span["span"]) for span in summary_spans]
    if not labels:
        return None
    joint = " – " if "-" in labels[0] else "-"
    return labels[0] if len(labels) == 1 else f"{labels[0]}{joint}{labels[-1]}"


def _newest_versions(root: str, kinds: tuple[str, ...], config: DataConfig) -> list[Span]:
    """Returns the newest version of each span that matches one of the patterns, oldest first."""
    newest: dict[int, Span] = {}
    broken: dict[int, Span] = {}
    for span in _all_matching(root, kinds):
        complete = data_files.has_ratings(os.path.join(root, span.folder), config)
        (newest if complete else broken)[span.number] = span
    for number, span in broken.items():
        # A folder that only holds versions has no ratings; the newest version must have some.
        if number not in newest or span > newest[number]:
            raise DataError(
                f"data root {root}: {span.folder} holds no ratings; accepted: in each span "
                f"{ACCEPTED} (give a folder its name when it is complete)"
            )
    return [newest[number] for number in sorted(newest)]


def _all_matching(root: str, kinds: tuple[str, ...]) -> list[Span]:
    """Returns the spans in all their versions, by number and version.

    Raises:
        DataError: If two folders are the same version of a span, as span-1 and span-01.
    """
    spans = sorted(span for kind in kinds for span in _matching(root, "", kind.split("/"), {}))
    for one, other in itertools.pairwise(spans):
        if (one.number, one.version) == (other.number, other.version):
            raise DataError(
                f"data root {root}: {one.folder} and {other.folder} are the same version of span "
                f"{one.label}; accepted: one folder for each version of a span"
            )
    return spans


def _matching(root: str, below: str, parts: list[str], known: dict[str, str]) -> Iterable[Span]:
    """Yields the folders whose path matches the pattern, part by part."""
    expression = re.compile(_expression(parts[0]))
    for name in files.children(os.path.join(root, below) if below else root):
        match = expression.fullmatch(name)
        folder = os.path.join(below, name)
        if match is None or not files.is_dir(os.path.join(root, folder)):
            continue
        values = {**known, **match.groupdict()}
        if len(parts) > 1:
            yield from _matching(root, folder, parts[1:], values)
        elif (span := _span(folder, values)) is not None:
            yield span


def _expression(part: str) -> str:
    """Returns the regular expression of a part of a pattern."""
    pieces = _PLACEHOLDER.split(part)
    return "".join(_GROUPS.get(piece) or re.escape(piece) for piece in pieces)


def _span(folder: str, values: Mapping[str, str]) -> Span | None:
    """Returns the span of a folder; None for a day that does not exist."""
    version = int(values.get("version", 0))
    if "span" in values:
        return Span(int(values["span"]), version, folder, str(int(values["span"])))
    try:
        day = datetime.date(*(int(values[name]) for name in ("year", "month", "day")))
    except ValueError:
        return None
    return Span((day - datetime.date(1970, 1, 1)).days, version, folder, day.isoformat())
