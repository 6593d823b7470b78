"""Cron expressions of recurring runs, checked before the cluster is asked.

The rules are those of the library in Kubeflow's API server (robfig/cron, six fields).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from components.errors import ConfigError, shown

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WORDS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_ANY = ("*", "?")


@dataclass(frozen=True)
class _Field:
    """One field: its name, range, and words for its numbers."""

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()

    def read(self, text: str) -> set[int]:
        """Returns the numbers that a text names.

        Raises:
            ConfigError: It is none, or one of them is out of range.
        """
        return {number for part in text.split(",") for number in self._read_part(part)}

    def _read_part(self, text: str) -> range:
        match = re.fullmatch(r"(\*|\?|(\w{1,3})(?:-(\w{1,3}))?)(?:/([0-9]{1,4}))?", text, re.ASCII)
        if match is None:
            raise self._error(text)
        everything, low, high, step = match[1] in _ANY, match[2], match[3], match[4]
        first = self.least if everything else self._number(low, text)
        open_end = everything or (step and not high)
        last = self.most if open_end else self._number(high or low, text)
        if first > last or (step and not int(step)):
            raise self._error(text)
        return range(first, last + 1, int(step or 1))

    def _number(self, word: str, text: str) -> int:
        if word.lower() in self.words:
            return self.least + self.words.index(word.lower())
        if not (word.isdigit() and self.least <= int(word) <= self.most):
            raise self._error(text)
        return int(word)

    def _error(self, text: str) -> ConfigError:
        return ConfigError(
            f"--cron: {self.name} {shown(text)}; accepted: {self.least} to {self.most}, as in "
            f"{self.least}, {self.least}-{self.most}, */2 or *"
        )


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 6, _WEEKDAYS),
)


def with_seconds(cron: str) -> str:
    """Returns a cron expression with the seconds that Kubeflow wants in front.

    Raises:
        ConfigError: It has neither five nor six fields, and is no @daily or the like; a number is
            out of range; or its time never comes.
    """
    fields = cron.split()
    if len(fields) == 1 and fields[0] in _WORDS:
        return fields[0]
    if len(fields) not in (5, 6):
        raise ConfigError(
            f"--cron: {shown(cron)} has {len(fields)} fields; accepted: minute hour day month "
            "weekday, with seconds in front if need be, as in '0 3 * * *', or @daily"
        )
    fields = ["0", *fields] if len(fields) == 5 else fields
    numbers = [field.read(text) for field, text in zip(_FIELDS, fields, strict=True)]
    days, months = numbers[3], numbers[4]
    # With days and weekdays given, either is enough.
    by_day_only = fields[5].startswith(_ANY)
    if by_day_only and all(min(days) > _LONGEST_MONTHS[month - 1] for month in months):
        raise ConfigError(
            f"--cron: {shown(cron)} never comes; accepted: a day that one of its months has"
        )
    return " ".join(fields)
