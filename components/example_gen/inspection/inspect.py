"""Everything that was understood of a data set, as one document."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow.compute as pc

from components.errors import DataError
from components.example_gen import drop_reasons
from components.example_gen.config import SPLIT_METHODS, DataConfig
from components.example_gen.formats import containers, files
from components.example_gen.formats.column_roles import MOVIE, RATING, TITLE, USER
from components.example_gen.formats.table_format import COUNTS, IMPLICIT, LIKES
from components.example_gen.inspection import facts
from components.example_gen.inspection.sample import Rows, read_all, read_sample
from components.example_gen.reading import tables
from components.example_gen.reading.columns import to_ids
from components.example_gen.reading.ratings import Rules
from components.example_gen.sources import catalogue
from components.example_gen.sources.catalogue import Movie
from components.example_gen.sources.data_set import DataFiles
from components.example_gen.sources.genres import genre_warnings
from components.example_gen.sources.rules import make_rules
from components.example_gen.summary import WARN_SHARE, Summary

Document = dict[str, Any]
_CATALOGUE_BYTES = 32 << 20
_FIRST_MOVIES_BYTES = 256 << 10
_SHOWN_IGNORED = 20


def inspect(
    data: DataFiles,
    root: str,
    config: DataConfig,
    copies: str = "",
    progressed: Callable[[int, int], None] | None = None,
) -> Document:
    """Looks at a data set as a run would, at a sample or at all of it.

    Args:
        data: The files, checked (data_files.check_data).
        root: Folder of the data.
        config: Settings.
        copies: Folder for plain copies, where everything is read.
        progressed: Called with the blocks read and their number; None reads a sample.

    Returns:
        What `inspect --json` prints; docs/data.md lists the keys.

    Raises:
        DataError: If there is nothing that can be read.
    """
    movies = _catalogue(data, whole=progressed is not None)
    rules = make_rules(data, config, movies["ids"] if movies else None)
    if progressed is None:
        rows = read_sample(data, rules)
    else:
        rows = read_all(data, rules, config.block_bytes, copies, progressed)
    return describe(data, config, rules, rows, movies, root)


def _catalogue(data: DataFiles, whole: bool) -> Document | None:
    """Reads the catalogue: all ids, and genres, years and titles of the first movies of a sample.

    None without one, or where it is large and not everything is read.
    """
    size = sum(files.size(file.path) for file in data.movies)
    if not data.movies or (size > _CATALOGUE_BYTES and not whole):
        return None
    if whole or size < _FIRST_MOVIES_BYTES:
        return catalogue_document(*catalogue.read_movies(data))
    first = catalogue_document(*catalogue.read_movies(data, _FIRST_MOVIES_BYTES))
    every = (tables.ids(file, MOVIE) for file in data.movies)
    return {**first, "ids": sorted({movie for of_file in every for movie in of_file if movie})}


def catalogue_document(movies: Sequence[Movie], counts: Summary) -> Document:
    """Returns what `describe` needs to know of a catalogue."""
    return {
        "ids": [movie.movie_id for movie in movies],
        "genres": len({genre for movie in movies for genre in movie.genres}),
        "years": sum(movie.year is not None for movie in movies),
        "dropped": dict(counts.dropped),
        "examples": [movie.title for movie in movies[:3]],
        "warnings": genre_warnings(movie.genres for movie in movies),
    }


def describe(
    data: DataFiles,
    config: DataConfig,
    rules: Rules,
    rows: Rows,
    movies: Document | None,
    root: str,
) -> Document:
    """Puts the document together."""
    dropped, different = facts.left_out(rows, data, config)
    document: Document = {
        "layout": data.layout,
        "files": _files(data, root),
        "ignored": [
            {"file": os.path.relpath(ignored.path, root), "why": ignored.why}
            for ignored in data.ignored[:_SHOWN_IGNORED]
        ],
        "rows": rows.rows,
        "whole": rows.whole,
        "first_rows": facts.first_rows(rows, data.has_time),
        "values": facts.scale(rows, data, config),
        "events": facts.events(data, config),
        "times": facts.times(rows, data),
        "interactions": different,
        "users": pc.count_distinct(rows.table[USER]).as_py(),
        "rated_movies": pc.count_distinct(rows.table[MOVIE]).as_py(),
        "catalogue": _catalogue_facts(rows, movies),
        "dropped": dropped,
        "first_dropped": {why: _place(place, root) for why, place in rows.firsts.items()},
        "positives": _positives(data, config, rules),
        "splits": [m for m in SPLIT_METHODS if m == "random" or data.has_time],
        "settings": {"data": facts.settings(data, root)},
    }
    document["warnings"] = warnings(document)
    return document


def _files(data: DataFiles, root: str) -> list[Document]:
    """Returns the files by role; those of one table that are read alike as one."""
    result: list[Document] = []
    for role, group in (("ratings", data.ratings), ("movies", data.movies), ("users", data.users)):
        for file in group:
            described = {
                "role": role,
                **facts.describe_file(file.path, file.format),
                "packed": containers.compression(files.read_bytes(file.path, 16)),
                "partitions": dict(file.constants),
            }
            place = os.path.relpath(file.path, root)
            size = files.size(file.path)
            same = [r for r in result if all(r[key] == described[key] for key in described)]
            if same:
                same[0]["files"].append(place)
                same[0]["bytes"] += size
            else:
                result.append({"files": [place], "bytes": size, **described})
    return result


def _catalogue_facts(rows: Rows, movies: Document | None) -> Document | None:
    if movies is None:
        return None
    known = set(movies["ids"])
    rated = set(pc.unique(to_ids(rows.table[MOVIE])).to_pylist())
    missing = sorted(rated - known)
    return {
        "movies": len(known),
        "genres": movies["genres"],
        "years": movies["years"],
        "titles": movies["examples"],
        "warnings": movies["warnings"],
        "dropped": movies["dropped"],
        "not_in_it": len(missing),
        "rated": len(rated),
        "examples_not_in_it": missing[:3],
    }


def _place(place: tuple[str, int, str], root: str) -> str:
    path, line, shown = place
    where = os.path.relpath(path, root)
    return f"{where}:{line}: {shown}" if line else f"{where}: {shown}"


def _positives(data: DataFiles, config: DataConfig, rules: Rules) -> str:
    """Returns which interactions are positives, for a person."""
    if config.positive.above_user_mean:
        return "ratings of at least the user's mean"
    if rules.min_positive is not None:
        return f"ratings of at least {rules.min_positive:g}"
    if config.event_weights:
        weights = ", ".join(f"{event} {weight:g}" for event, weight in config.event_weights.items())
        return f"events by weight: {weights}"
    if data.values == LIKES:
        return "rows with a like"
    if data.values == COUNTS:
        return "rows with a count above 0, weighing 1 + ln(count)"
    if data.values == IMPLICIT or RATING not in data.ratings[0].format.roles:
        return "all rows"
    return "all rows, whatever the rating (data.positive changes that)"


def warnings(document: Mapping[str, Any]) -> list[str]:
    """Returns what a person should look at though it stops nothing."""
    result = []
    rows = document["rows"]
    for reason, count in document["dropped"].items():
        if count > WARN_SHARE * rows:
            first = document["first_dropped"].get(reason)
            shown = f" (first: {first})" if first else ""
            result.append(f"{count:,} of {rows:,} rows are left out: {reason}{shown}")
    known = document["catalogue"]
    return [*result, *(known["warnings"] if known else []), *notes(document)]


def notes(document: Mapping[str, Any]) -> list[str]:
    """Returns the warnings that a run does not find by itself: of values, titles and ids."""
    result = []
    if far := document["values"].get("outliers"):
        values = ", ".join(f"{value:g}" for value in far[:5])
        result.append(f"ratings far from the others: {values} (data.min_rating, data.max_rating)")
    known = document["catalogue"]
    if known and known["not_in_it"]:
        examples = ", ".join(known["examples_not_in_it"])
        result.append(
            f"{known['not_in_it']:,} of {known['rated']:,} rated movies are not in the movies file "
            f"(as {examples}); with zeros before them, or as numbers in one file and not in the "
            "other, ids differ"
        )
    result += [
        f"{file['files'][0]}: no column of titles; ids are shown as titles"
        for file in document["files"]
        if file["role"] == "movies" and TITLE not in file["columns"]
    ]
    return result


def lines(document: Mapping[str, Any]) -> list[str]:
    """Returns the two lines that a run shows."""
    ratings = [file for file in document["files"] if file["role"] == "ratings"]
    names = [name for file in ratings for name in file["files"]]
    shown = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    columns = ", ".join(
        f"{role} from {column['column']!r}" for role, column in ratings[0]["columns"].items()
    )
    values = document["values"]
    span = f" {values['min']:g} to {values['max']:g}" if "min" in values else ""
    times = document["times"]
    when = f"{times['first'][:10]} to {times['last'][:10]}" if times else "no times"
    others = [file["role"] for file in document["files"] if file["role"] != "ratings"]
    beside = f"; {' and '.join(dict.fromkeys(others))} beside" if others else ""
    return [
        f"Read as {document['layout']}: {shown} ({ratings[0]['written']}); {columns}",
        f"{values['kind']}{span}, {when}; positives: {document['positives']}{beside}",
    ]


def check_usable(document: Mapping[str, Any], root: str, max_share: float) -> None:
    """Refuses data of which too little can be used.

    Raises:
        DataError: With the reasons.
    """
    lost = {
        why: count for why, count in document["dropped"].items() if why not in drop_reasons.HARMLESS
    }
    if sum(lost.values()) > max_share * document["rows"]:
        reasons = "; ".join(
            f"{why}: {count:,} (first: {document['first_dropped'].get(why, '')})"
            for why, count in lost.items()
        )
        raise DataError(f"data root {root}: too many rows are unusable: {reasons}")
