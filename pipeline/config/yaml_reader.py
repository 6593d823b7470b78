"""The one reader of YAML that people write: bounded in size, depth and time.

PyYAML's own loader has no bounds: a file without end, a thousand brackets or a few aliases of
aliases take all memory or end in a traceback, and so does a value such as `2026-13-45`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from components.errors import ConfigError, shown

MAX_VALUE = 1 << 16  # characters of one value; numbers are slow to read beyond that
MAX_NODES = 50_000  # values, keys, lists and mappings, each alias counted with all it stands for
MAX_DEPTH = 50
_MAX_INTEGER = 1 << 63

if TYPE_CHECKING:
    _Base = yaml.SafeLoader
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it is built


class _Loader(_Base):
    """Says of every value that cannot be built where it stands, as a YAMLError."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Returns the value of a node."""
        try:
            return super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except Exception as error:  # int(), date(), float() and look-ups raise what they like
            problem = f"{shown(node.value)} is no value of its kind"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error

    def construct_document(self, node: Any) -> Any:
        """Returns the value of a document, in which no mapping has a key twice."""
        _check_keys(node)
        return super().construct_document(node)


def _check_keys(root: Any) -> None:
    """Refuses a key that stands twice in a mapping: YAML has none, and PyYAML takes the last one.

    Raises:
        ConstructorError: There is one.
    """
    nodes, seen = [root], set[int]()
    while nodes:
        node = nodes.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            nodes += node.value
        elif isinstance(node, yaml.MappingNode):
            nodes += [inner for pair in node.value for inner in pair]
            _check_mapping(node)


def _check_mapping(node: Any) -> None:
    lines: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if key.value in lines:
            first = f"first in line {lines[key.value] + 1}"
            problem = f"the key {shown(key.value)} stands there twice, {first}"
            raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
        lines[key.value] = key.start_mark.line


def load(text: str, what: str, several: bool = False) -> Any:
    """Returns the value of the first document of a text, None where there is none.

    Args:
        text: YAML.
        what: What the text is, for messages.
        several: Whether other documents may follow, which are not read.

    Raises:
        ConfigError: One line: it is not YAML, or it is larger than the limits of this module.
    """
    with _explained(what):
        _check_bounds(text)
        if several:
            value = next(yaml.load_all(text, Loader=_Loader), None)
        else:
            value = yaml.load(text, Loader=_Loader)  # a SafeLoader
        _check_values(value)
    return value


def load_all(text: str, what: str) -> list[Any]:
    """Returns the values of all documents of a text that are not empty; else it is as `load`."""
    with _explained(what):
        _check_bounds(text)
        values = [value for value in yaml.load_all(text, Loader=_Loader) if value is not None]
        _check_values(values)
    return values


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turns what PyYAML and this module raise into one line."""
    try:
        yield
    except yaml.YAMLError as error:
        raise ConfigError(f"{what} is not YAML: {_explain(error)}") from error
    except UnicodeError as error:
        raise ConfigError(f"{what} is not YAML: it is not UTF-8") from error
    except _BoundsError as error:
        raise ConfigError(f"{what} is refused: {error}") from error


class _BoundsError(Exception):
    """YAML beyond a limit of this module."""


@dataclass
class _Part:
    """A collection in a stream: its anchor, nodes and levels, itself included."""

    anchor: str | None
    nodes: int = 1
    levels: int = 1


class _Bounds:
    """Counts nodes and levels along the events of a stream."""

    def __init__(self) -> None:
        self._open: list[_Part] = []
        self._named: dict[str, _Part] = {}

    def see(self, event: yaml.Event) -> None:
        """Counts one event."""
        if isinstance(event, yaml.AliasEvent):
            self._add(self._named_part(event.anchor))
        elif isinstance(event, yaml.ScalarEvent):
            if len(event.value) > MAX_VALUE:
                raise _BoundsError(f"a value has more than {MAX_VALUE:,} characters")
            self._close(_Part(event.anchor))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open.append(_Part(event.anchor))
            self._check_levels(0)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(self._open.pop())
        elif isinstance(event, yaml.DocumentStartEvent):
            self._named.clear()

    def _named_part(self, anchor: str | None) -> _Part:
        if any(part.anchor == anchor for part in self._open):
            raise _BoundsError(f"the alias *{shown(anchor, quote=False)} stands inside of itself")
        # An unknown one is an error of the loader, later.
        return self._named.get(anchor or "", _Part(None))

    def _close(self, part: _Part) -> None:
        if part.anchor:
            self._named[part.anchor] = part
        self._add(part)

    def _add(self, part: _Part) -> None:
        """Adds a part to the collection that it stands in."""
        self._check_levels(part.levels)
        if not self._open:
            return
        around = self._open[-1]
        around.nodes += part.nodes
        around.levels = max(around.levels, part.levels + 1)
        if around.nodes > MAX_NODES:
            raise _BoundsError(f"it has more than {MAX_NODES:,} values")

    def _check_levels(self, further: int) -> None:
        if len(self._open) + further > MAX_DEPTH:
            raise _BoundsError(f"it is nested deeper than {MAX_DEPTH} levels")


def _check_bounds(text: str) -> None:
    bounds = _Bounds()
    for event in yaml.parse(text, Loader=_Loader):
        bounds.see(event)


def _check_values(value: Any) -> None:
    """Refuses values that cannot be written again: as JSON, in UTF-8, as a path.

    Raises:
        _BoundsError: There is one.
    """
    if isinstance(value, dict):
        for key, item in value.items():
            _check_values(key)
            _check_values(item)
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            _check_values(item)
    elif isinstance(value, int) and not -_MAX_INTEGER <= value < _MAX_INTEGER:
        raise _BoundsError("a number has more than 64 bits")
    elif isinstance(value, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
        raise _BoundsError(f"{shown(value)} has a character that no text may have")


def _explain(error: yaml.YAMLError) -> str:
    """Returns the problem and its line, in one line."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable"
    return shown(problem, 200, quote=False) + (f", line {mark.line + 1}" if mark else "")
