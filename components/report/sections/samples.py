"""Samples: recommendations and nearest movies by title, for a person to judge."""

from __future__ import annotations

from components.report.facts import Facts, MovieSample, Ratings, UserSample
from components.report.page import formatting
from components.report.page.blocks import Card, Cards, Item, Note, Section, TitledList


def recommendations(facts: Facts) -> Section:
    """Returns a few users with their history beside what they are recommended."""
    intro = (
        "From users with few ratings to users with many. ✓ marks a hit: a held-out movie. The last "
        "list is what the model recommends to the same history without its last movie."
    )
    if facts.query_results is None or facts.ratings is None:
        return Section("samples", "Sample recommendations", "", (_missing(facts),))
    length = facts.query_results.list_length
    cards = tuple(user_card(user, facts.ratings, length) for user in facts.query_results.users)
    return Section("samples", "Sample recommendations", intro, (Cards(cards),))


def _missing(facts: Facts) -> Note:
    return Note(f"The model could not be queried: {facts.why_not_queried}", warning=True)


def user_card(user: UserSample, ratings: Ratings, length: int) -> Card:
    """Returns one user."""
    liked = tuple(
        Item(ratings.title(movie), f"{rating:g} ★") for movie, rating in user.history[:length]
    )
    recommended = tuple(
        Item(ratings.title(movie), "", movie in user.held_out) for movie in user.recommended
    )
    before = tuple(Item(ratings.title(movie), "") for movie in user.before_last)
    hits = sum(item.marked for item in recommended)
    about = [f"{name} {value}" for name, value in user.features.items()]
    about.append(f"{formatting.count(len(user.history))} train ratings")
    about.append(f"{formatting.count(len(user.held_out))} held out, {hits} of them here")
    return Card(
        f"User {user.id}",
        " · ".join(about),
        (
            TitledList("Rated best", liked),
            TitledList("Recommended", recommended),
            TitledList(f"Before {ratings.title(user.last)}", before),
        ),
    )


def neighbours(facts: Facts) -> Section:
    """Returns a few movies with those nearest to them."""
    if facts.query_results is None or facts.ratings is None:
        return Section("nearest", "Nearest movies", "", (_missing(facts),))
    cards = tuple(movie_card(movie, facts.ratings) for movie in facts.query_results.movies)
    intro = "By the cosine of the candidate tower's embeddings. Well-known movies are shown."
    return Section("nearest", "Nearest movies", intro, (Cards(cards),))


def movie_card(movie: MovieSample, ratings: Ratings) -> Card:
    """Returns one movie, its neighbours in two columns."""
    items = tuple(Item(ratings.title(near), f"{score:.2f}") for near, score in movie.nearest)
    about = f"{formatting.count(ratings.by_movie.get(movie.id, 0))} train ratings"
    return Card(ratings.title(movie.id), about, (TitledList("Nearest", items),))
