import pytest

from components.example_gen.formats import column_roles
from components.example_gen.formats.column_roles import MOVIE_ROLES, RATING_ROLES, USER_ROLES


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("userId", ["user", "id"]),
        ("User-ID", ["user", "id"]),
        ("user_id:token", ["user", "id"]),
        ("visitorid", ["visitor", "id"]),
        ("rat_userId", ["rat", "user", "id"]),
        ("unixReviewTime", ["unix", "review", "time"]),
        ("review/score", ["review", "score"]),
        ("ISBN", ["isbn"]),
        ("asin", ["asin"]),
        ("userID2", ["user", "id", "2"]),
        ("valid", ["valid"]),
        ("", []),
    ],
)
def test_words_of_a_name(name, words):
    assert column_roles.words(name) == words


# Headers as they lie in public repositories: user, movie, rating, timestamp, event.
HEADERS = [
    ("userId movieId rating timestamp", "userId movieId rating timestamp -"),
    ("rat_userId rat_movieId rat_rating rat_time", "rat_userId rat_movieId rat_rating rat_time -"),
    ("reviewerID asin reviewerName overall unixReviewTime reviewTime",
     "reviewerID asin overall unixReviewTime -"),
    ("User-ID ISBN Book-Rating", "User-ID ISBN Book-Rating - -"),
    ("userID artistID weight", "userID artistID weight - -"),
    ("review_id user_id business_id stars date useful", "user_id business_id stars date -"),
    ("timestamp visitorid event itemid transactionid", "visitorid itemid - timestamp event"),
    ("user user_id movieId rating", "user_id movieId rating - -"),
    ("user_id parent_asin asin rating timestamp", "user_id asin rating timestamp -"),
    ("id user_id anime_id score watched_at", "user_id anime_id score watched_at -"),
    ("session_id user_id item_id timestamp", "user_id item_id - timestamp -"),
    ("customer_id item event_type created_at", "customer_id item - created_at event_type"),
    ("uid iid ts", "uid iid - ts -"),
    ("user_id track_id playcount", "user_id track_id playcount - -"),
    ("user_id video like", "user_id video like - -"),
    ("category_id brand price", "- - - - -"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "expected"), HEADERS)
def test_guess_of_the_usual_names(header, expected):
    names = header.split()
    guesses = column_roles.guess(names, RATING_ROLES)
    found = [names[guesses[role].position] if role in guesses else "-" for role in RATING_ROLES]
    assert found == expected.split()


@pytest.mark.parametrize(
    ("header", "movie", "title"),
    [
        ("movie_id movie genre", "movie_id", "movie"),
        ("movieId name title genres", "movieId", "title"),
        (
            "item_id:token movie_title:token_seq class:token_seq",
            "item_id:token",
            "movie_title:token_seq",
        ),
        ("artistID artist_name", "artistID", "artist_name"),
        ("movie title year", "movie", "title"),
    ],
)
def test_guess_of_the_titles(header, movie, title):
    names = header.split()
    guesses = column_roles.guess(names, MOVIE_ROLES)
    assert (names[guesses["movie"].position], names[guesses["title"].position]) == (movie, title)


def test_guess_names_rivals_and_says_why():
    names = ["user_id", "book_id", "isbn", "name"]
    guesses = column_roles.guess(names, RATING_ROLES)
    assert guesses["movie"].rivals == (2,)
    guesses = column_roles.guess(["user", "user_id", "item"], RATING_ROLES)
    assert (guesses["user"].position, guesses["user"].others) == (1, (0,))
    assert guesses["user"].why == "the name 'user_id' fits better than 'user'"


def test_guess_finds_every_user_feature():
    names = ["user_id", "sex", "age", "job"]
    guesses = column_roles.guess(names, USER_ROLES)
    assert [guesses[role].position for role in USER_ROLES] == [0, 1, 2, 3]
