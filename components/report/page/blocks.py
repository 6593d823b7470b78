"""The content of a page: sections of a few kinds of blocks. The templates decide its look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup


@dataclass(frozen=True)
class Mark:
    """A cell that says yes or no, by text and colour."""

    text: str
    good: bool


Cell = str | Mark


@dataclass(frozen=True)
class Table:
    """A table whose first column heads the rows.

    Attributes:
        caption: What it shows.
        header: Column names, the first for the row heads.
        rows: Cells, as many as columns.
        text_columns: Positions of columns, beside the first, that hold text and no numbers.
        note: Said below the table.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    text_columns: frozenset[int] = frozenset()
    note: str = ""
    kind: ClassVar[str] = "table"


@dataclass(frozen=True)
class Figure:
    """A chart.

    Attributes:
        svg: The drawing, trusted markup.
        caption: What it shows.
        alt: What can be read off it, for who does not see it.
    """

    svg: Markup
    caption: str
    alt: str
    kind: ClassVar[str] = "figure"


@dataclass(frozen=True)
class Figures:
    """Charts that belong together, side by side where there is room."""

    figures: tuple[Figure, ...]
    kind: ClassVar[str] = "figures"


@dataclass(frozen=True)
class Note:
    """A paragraph; `warning` sets it apart."""

    text: str
    warning: bool = False
    kind: ClassVar[str] = "note"


@dataclass(frozen=True)
class KeyFigures:
    """Values with their names and what to compare them with."""

    items: tuple[tuple[str, str, str], ...]  # (name, value, detail)
    kind: ClassVar[str] = "key_figures"


@dataclass(frozen=True)
class Item:
    """One line of a list: its text, a figure beside it, and whether it is marked."""

    text: str
    detail: str = ""
    marked: bool = False


@dataclass(frozen=True)
class TitledList:
    """A ranked list under a heading."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Card:
    """One example: a heading, a line about it, and its lists side by side."""

    heading: str
    about: str
    lists: tuple[TitledList, ...]


@dataclass(frozen=True)
class Cards:
    """Examples."""

    cards: tuple[Card, ...]
    kind: ClassVar[str] = "cards"

    @property
    def small(self) -> bool:
        """Whether the cards have one list each, so that several fit side by side."""
        return all(len(card.lists) <= 1 for card in self.cards)


@dataclass(frozen=True)
class Details:
    """Blocks that a click opens."""

    summary: str
    blocks: tuple[Block, ...]
    kind: ClassVar[str] = "details"


Block = Table | Figures | Note | KeyFigures | Cards | Details


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        id: Anchor.
        title: Heading.
        intro: What the section answers, one or two sentences.
        blocks: Its content.
    """

    id: str
    title: str
    intro: str = ""
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Headline:
    """The verdict.

    Attributes:
        accepted: Whether the model passed everything.
        text: The verdict, as a sentence.
        reasons: Why the model was refused; empty if it was not.
        figures: What to know first.
    """

    accepted: bool
    text: str
    reasons: tuple[str, ...] = ()
    figures: KeyFigures = field(default_factory=lambda: KeyFigures(()))


@dataclass(frozen=True)
class Page:
    """The whole page.

    Attributes:
        title: Name of the pipeline.
        about: Under the title: when, what.
        headline: The verdict.
        sections: In order.
    """

    title: str
    about: str
    headline: Headline
    sections: tuple[Section, ...]
