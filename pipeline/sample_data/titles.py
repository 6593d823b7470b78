"""Invented movie titles and genres, composed of random words; none is a real film."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Circle:
    """Movies that the same people like: genres, the circle's own first, and words of titles."""

    genres: tuple[str, ...]
    adjectives: tuple[str, ...]
    nouns: tuple[str, ...]


# Three lines for each circle: genres, adjectives, nouns.
_CIRCLES = """
Action Adventure Crime Thriller
Iron Burning Reckless Armored Furious Relentless Shattered Thundering
Convoy Piston Overpass Detonator Bulldozer Ricochet Checkpoint Gauntlet Turbine Hangar
Comedy Romance Children's Musical
Clumsy Hungry Overdue Accidental Cheerful Borrowed Wobbly Absent-Minded
Dentist Trombone Casserole Honeymooner Mailbox Pancake Bridesmaid Llama Mattress Piñata
Drama Romance War
Quiet Unspoken Fading Patient Winter Forgiven Distant Tender
Orchard Letterbox Harvest Ferryman Doorstep Rivière Gravel Seamstress Lighthouse Almanac
Sci-Fi Action Adventure
Orbital Synthetic Frozen Recursive Lunar Parallel Radiant Silicon
Antenna Colony Pulsar Airlock Android Nebula Beacon Satellite Circuit Hemisphere
Horror Thriller Mystery
Hollow Whispering Crooked Sleepless Rotting Candlelit Drowned Nameless
Cellar Scarecrow Marionette Well Attic Nursery Crypt Portrait Staircase Fog
Children's Animation Comedy Fantasy
Little Brave Sparkling Giggling Fluffy Magic Sleepy Marvelous
Hedgehog Teapot Dragonfly Snowflake Acorn Umbrella Tadpole Balloon Kitten Gingerbread
Western Drama Action
Dusty Lonesome Crimson Stubborn Sunburnt Wandering Barbed Prairie
Saddle Canyon Stagecoach Mule Homestead Coyote Rifleman Depot Mesa Rattlesnake
Crime Film-Noir Mystery
Midnight Marked Gaslit Velvet Smoky Anonymous Double Ashen
Ledger Alibi Pawnshop Informant Cigarette Fedora Witness Safecracker Alley Verdict
Romance Comedy Drama
Secret Paper Lavender Rainy Whispered Second Moonlit Reluctant
Bouquet Café Balcony Postcard Waltz Serenade Gondola Rendezvous Sonnet Perfume
Documentary War Drama
Untold Vanishing Northern Hidden Forgotten Endless Uncharted Final
Glacier Archive Orchestra Factory Migration Reef Harbor Expedition Reservoir Census
Fantasy Adventure Children's
Enchanted Silver Ancient Thorned Starlit Emerald Moonborn Gilded
Griffin Amulet Citadel Sorceress Oracle Falcon Lantern Throne Labyrinth Willow
Musical Comedy Drama
Dancing Golden Syncopated Swinging Broadway Roaring Satin Encore
Saxophone Curtain Chorus Footlight Ballroom Metronome Jukebox Maestro Rehearsal Señorita
"""
_LINES = [tuple(line.split()) for line in _CIRCLES.split("\n")[1:-1]]
CIRCLES = tuple(map(Circle, _LINES[::3], _LINES[1::3], _LINES[2::3]))
_PATTERNS = (
    "The {adjective} {noun}",
    "{adjective} {noun}",
    "The {noun} of the {other}",
    "A {noun} for the {other}",
    "The {other} and the {noun}",
)
_SEQUELS = ("", " II", " III", " IV", ": The Return", ": Homecoming", ": The Last Chapter")
FIRST_YEAR, LAST_YEAR = 1931, 2019


def _title(rng: np.random.Generator, circle: Circle) -> str:
    pattern = _PATTERNS[rng.integers(len(_PATTERNS))]
    noun, other = rng.choice(len(circle.nouns), 2, replace=False)
    return pattern.format(
        adjective=circle.adjectives[rng.integers(len(circle.adjectives))],
        noun=circle.nouns[noun],
        other=circle.nouns[other],
    )


def _unique(title: str, taken: dict[str, int]) -> str:
    """Returns the title, or a sequel of it where it is taken."""
    number = taken.get(title, 0)
    taken[title] = number + 1
    if number < len(_SEQUELS):
        return title + _SEQUELS[number]
    return f"{title}: Part {number + 1}"


def compose_titles(rng: np.random.Generator, circles: np.ndarray) -> tuple[list[str], list[str]]:
    """Composes a title with year, and genres, for each movie.

    Args:
        rng: Source of random numbers.
        circles: int64 [movies], the circle of each movie.

    Returns:
        Titles, all different, such as "The Copper Lantern (1987)"; and genres joined with "|".
    """
    years = LAST_YEAR - (rng.random(len(circles)) ** 2 * (LAST_YEAR - FIRST_YEAR)).astype(int)
    taken: dict[str, int] = {}
    titles, genres = [], []
    for number, year in zip(circles, years, strict=True):
        circle = CIRCLES[number]
        titles.append(f"{_unique(_title(rng, circle), taken)} ({year})")
        own = [circle.genres[0]] if rng.random() < 0.9 else []
        more = [genre for genre in circle.genres[1:] if rng.random() < 0.3]
        genres.append("|".join(sorted(own + more or [circle.genres[1]])))
    return titles, genres
