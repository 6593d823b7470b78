from __future__ import annotations

from components.report.facts import Facts
from components.report.page.blocks import Item
from components.report.sections import samples


def test_user_card_shows_titles_ratings_and_hits(facts: Facts) -> None:
    card = samples.user_card(facts.query_results.users[0], facts.ratings, 10)
    rated, recommended, _ = card.lists
    assert rated.items[0].detail == "5 ★"
    # m2 is held out, m3 has no title and shows its id.
    assert recommended.items == (Item("Second (1999)", "", True), Item("m3", "", False))
    assert card.about == "gender F · 1 train ratings · 1 held out, 1 of them here"


def test_movie_card_shows_similarity(facts: Facts) -> None:
    card = samples.movie_card(facts.query_results.movies[0], facts.ratings)
    assert card.about == "3 train ratings"
    assert card.lists[0].items == (Item("Second (1999)", "0.75"), Item("Fourth (2001)", "0.50"))


def test_user_card_shows_the_list_of_the_history_without_its_last_movie(facts: Facts) -> None:
    (user,) = facts.query_results.users
    card = samples.user_card(user, facts.ratings, 10)
    before = card.lists[2]
    assert before.heading == f"Before {facts.ratings.title('m1')}"
    assert [item.text for item in before.items] == [
        facts.ratings.title(movie) for movie in ("m3", "m2")
    ]
