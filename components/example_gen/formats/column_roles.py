"""Which column of a table means what: guessed by rules on the names, or named by a setting.

A name is cut into words (`rat_userId`: rat, user, id). Words that say "this is an id" are noted and
left out; the last word that remains is what the column holds, as in English compounds: a book
rating is a rating, a user name is a name. Words before it only make a name less likely.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from components.contracts.examples import USER_FEATURES

USER, MOVIE, RATING, TIMESTAMP, EVENT = "user", "movie", "rating", "timestamp", "event"
TITLE, GENRES, YEAR = "title", "genres", "year"

RATING_ROLES = (USER, MOVIE, RATING, TIMESTAMP, EVENT)
MOVIE_ROLES = (MOVIE, TITLE, GENRES, YEAR)
USER_ROLES = (USER, *USER_FEATURES)

_ITEMS = (
    "movie film item product book isbn asin artist business video track song anime show series "
    "episode game recipe restaurant hotel poi place venue course article news podcast album sku "
    "goods offer listing joke beer wine content mid iid pid vid"
)
_USERS = (
    "user reviewer visitor customer client member person people viewer rater subscriber account "
    "reader listener player buyer shopper consumer patron uid cid"
)
# Role → groups of words, most certain first.
_WORDS: Mapping[str, tuple[str, ...]] = {
    USER: (_USERS, "visit session profile"),
    MOVIE: (_ITEMS, "imdb tmdb"),
    RATING: (
        "rating rate score star overall grade",
        "like liked preference pref",
        "playcount plays play listens listen views count quantity qty weight value frequency",
    ),
    TIMESTAMP: ("timestamp unixtime epoch", "ts tstamp datetime time", "date", "at day"),
    EVENT: ("event action behavior behaviour interaction", "type"),
    TITLE: ("title", "name", _ITEMS),
    GENRES: ("genre", "category tag", "keyword"),
    YEAR: ("year", "release date published"),
    **{feature: (feature,) for feature in USER_FEATURES},
    "gender": ("gender sex",),
    "occupation": ("occupation job profession",),
}
_GROUP_OF = {
    role: {
        word: rank for rank, group in reversed(list(enumerate(groups))) for word in group.split()
    }
    for role, groups in _WORDS.items()
}
# Words that are themselves the id of something.
_ID_NOUNS = frozenset(
    ["isbn", "asin", "sku", "uid", "cid", "mid", "iid", "pid", "vid", "imdb", "tmdb"]
)
_ID_WORD_TEXT = "id ids idx index key code no nr number num uuid guid hash identifier"
_ID_WORDS = frozenset(_ID_WORD_TEXT.split())
# Roles that the index or the id of something else must not be taken for.
_NOT_IDS = frozenset(_WORDS) - {USER, MOVIE, RATING}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+", re.UNICODE)


@dataclass(frozen=True)
class Fit:
    """How well a column's name fits a role; the smallest fits best.

    Attributes:
        rank: Twice the group of the word, the first being the most certain; for users and movies
            one more where nothing in the name says that it is an id.
        extra: Words of the name besides.
        position: Of the column.
    """

    rank: int
    extra: int
    position: int

    @property
    def strength(self) -> tuple[int, int]:
        """What two columns are compared by."""
        return self.rank, self.extra


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies") and word != "series":
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def words(name: str) -> list[str]:
    """Cuts a column's name into lower-case words; a type after a colon is left out.

    `userId`, `User-ID`, `user_id:token` and `userid` all give user, id.
    """
    plain = re.sub(r":[a-z_]+$", "", name.strip())
    result: list[str] = []
    for word in _WORD.findall(plain):
        word = word.lower()
        stem = next((word[: -len(end)] for end in ("uuid", "id") if word.endswith(end)), "")
        known = {_singular(stem), stem} & (_GROUP_OF[USER].keys() | _GROUP_OF[MOVIE].keys())
        result += [stem, "id"] if stem and known and word not in _ID_NOUNS else [word]
    return result


def fit(name: str, role: str, position: int = 0) -> Fit | None:
    """Returns how well a name fits a role; None where it does not."""
    parts = words(name)
    nouns = [word for word in parts if word not in _ID_WORDS]
    if not nouns:
        return None
    group = _GROUP_OF[role]
    head = nouns[-1] if nouns[-1] in group else _singular(nouns[-1])
    if head not in group:
        return None
    is_id = len(nouns) < len(parts) or head in _ID_NOUNS
    if is_id and role in _NOT_IDS:
        return None
    if role == TIMESTAMP and head == "at" and len(nouns) < 2:
        return None
    if role == RATING and is_id:
        return None
    rank = 2 * group[head] + (role in (USER, MOVIE) and not is_id)
    unix = role == TIMESTAMP and "unix" in nouns
    return Fit(rank - 9 * unix, len(nouns) - 1, position)


@dataclass(frozen=True)
class Guess:
    """The column taken for a role.

    Attributes:
        position: Of the column; from 0.
        why: The reason, for a person.
        rivals: Positions of columns that fit exactly as well.
        others: Positions of columns that fit less well.
    """

    position: int
    why: str
    rivals: tuple[int, ...] = ()
    others: tuple[int, ...] = ()


def guess(names: Sequence[str], roles: Iterable[str]) -> dict[str, Guess]:
    """Returns for each role the column whose name fits best, for the roles that have one.

    A column has one role: the first of `roles` that takes it.
    """
    taken: set[int] = set()
    result: dict[str, Guess] = {}
    for role in roles:
        fits = [fit(name, role, n) for n, name in enumerate(names) if n not in taken]
        ordered = sorted((f for f in fits if f is not None), key=lambda f: (f.strength, f.position))
        if not ordered:
            continue
        best = ordered[0]
        rivals = tuple(f.position for f in ordered[1:] if f.strength == best.strength)
        others = tuple(f.position for f in ordered[1:] if f.strength != best.strength)
        why = f"the name {names[best.position]!r} fits"
        if others:
            shown = ", ".join(repr(names[position]) for position in others)
            why += f" better than {shown}"
        result[role] = Guess(best.position, why, rivals, others)
        taken.add(best.position)
    return result


def movie_id(names: Sequence[str]) -> int | None:
    """Returns the position of a catalogue's or a users file's own `id` column, if it has one."""
    plain = [words(name) for name in names]
    return plain.index(["id"]) if ["id"] in plain else None
