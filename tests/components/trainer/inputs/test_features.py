"""Features end to end: read, trained on, exported, asked, taken over to the next model."""

from __future__ import annotations

import numpy as np
import pytest

from components.errors import DataError
from components.trainer.config import TrainerConfig
from components.trainer.export.index_model import IndexModel
from components.trainer.export.saved_model import export
from components.trainer.export.signatures import trace_signatures
from components.trainer.fitting.fit import Fitted, fit
from components.trainer.inputs.features import read_features
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.model.learned_weights import read_learned_weights
from tests.components.trainer.asking import ask_alone
from tests.components.trainer.synthetic import BLOCK_MOVIES, BLOCKS

ALL = TrainerConfig(
    movie_features=("genres", "year"),
    user_features=("gender", "age"),
    embedding_dim=16,
    linear_rank=0,
    batch_size=32,
    weight_decay=0.0,
    learning_rate=0.03,
    dropout=0.1,
    epochs=15,
    validation_users=0.0,
    warm_epochs=1,
)
OTHERS = {
    "user_id": {"query": "user_id", "loss": "in_batch", "batch_size": 128, "epochs": 1},
    "in_batch": {"loss": "in_batch", "hidden_layers": (8,), "epochs": 1},
    "full_softmax": {"query": "user_id", "epochs": 1},
}


def test_read_features_has_a_row_for_each_id_and_the_unknown(
    training_inputs: TrainingInputs,
) -> None:
    features = read_features(training_inputs, ALL)
    users, movies = (
        training_inputs.graph.user_ids().tolist(),
        training_inputs.graph.movie_ids().tolist(),
    )
    age, gender = features.users
    assert sorted(age.vocabulary) == [f"age {block}".encode() for block in range(BLOCKS)]
    for user, rows in zip(["u1", "u7", "u14"], ([1], [BLOCKS], [2]), strict=True):
        named = [*age.vocabulary.tolist(), b""]
        (index,) = age.rows.to_list()[users.index(user.encode())]
        assert named[index] == (f"age {rows[0]}".encode() if rows[0] < BLOCKS else b"")
    genres, year = features.movies
    assert genres.vocabulary.tolist() == [b"Drama", *(f"Genre {b}".encode() for b in range(BLOCKS))]
    at = movies.index(b"m2-7")
    assert (genres.rows.to_list()[at], year.rows.to_list()[at]) == ([0, 3], [2])
    for feature, rows in ((gender, users), (age, users), (genres, movies), (year, movies)):
        assert feature.rows.nrows() == len(rows) + 1
        assert feature.rows.to_list()[-1] == [feature.unknown]


def test_a_feature_that_the_data_do_not_have_is_refused(training_inputs: TrainingInputs) -> None:
    config = TrainerConfig(user_features=("gender", "occupation"))
    with pytest.raises(DataError, match="user_features: the data have no occupation"):
        read_features(training_inputs, config)
    # That was one of the schema; of one that it does not know there is no vocabulary at all.
    assert training_inputs.graph.vocabulary("zip_code").tolist() == []


@pytest.fixture(scope="module")
def fitted(training_inputs: TrainingInputs) -> Fitted:
    return fit(training_inputs, ALL)


@pytest.fixture(scope="module")
def exported(
    training_inputs: TrainingInputs, fitted: Fitted, tmp_path_factory: pytest.TempPathFactory
) -> str:
    path = str(tmp_path_factory.mktemp("features") / "model")
    export(IndexModel(fitted.model, training_inputs), path)
    return path


@pytest.fixture(scope="module")
def answers(exported: str) -> dict[str, dict[str, list]]:
    profile = "recommend_from_profile"
    watched = [["m1-3", "m1-5"], ["", ""]]
    imported, named = ask_alone(
        exported,
        {
            "ages": (profile, {"movie_id": [[""]] * 2, "gender": ["F", ""], "age": ["age 2"] * 2}),
            "unknown": (profile, {"movie_id": watched, "gender": ["?"] * 2, "age": ["", "130"]}),
            "history": ("recommend_from_history", {"movie_id": watched}),
            "users": ("serving_default", {"user_id": ["u1", "u7", "nobody"]}),
            "query": ("embed_query", {"user_id": ["u1", "u7"]}),
            "movies": ("embed_candidate", {"movie_id": ["x1", "x2", "x3", "no movie"]}),
        },
    )
    assert imported == []
    return named


def blocks(movies: list[str], count: int) -> set[str]:
    return {movie.split("-")[0] for movie in movies[:count]}


def test_a_profile_without_a_history_gets_what_its_like_watch(answers: dict) -> None:
    for movies in answers["ages"]["movie_id"]:
        assert blocks(movies, BLOCK_MOVIES) == {"m2"}


def test_values_that_are_unknown_say_nothing(answers: dict) -> None:
    unknown, history = answers["unknown"], answers["history"]
    assert unknown["movie_id"] == history["movie_id"]
    np.testing.assert_allclose(unknown["score"], history["score"], rtol=1e-5)
    assert blocks(history["movie_id"][0], BLOCK_MOVIES - 2) == {"m1"}


def test_a_profile_is_known_by_a_movie_or_by_a_value(answers: dict) -> None:
    # Without a movie: gender and age are known, then an age alone.
    assert answers["ages"]["known"] == [True, True]
    # Values that are unknown: known is who has watched something.
    assert answers["unknown"]["known"] == answers["history"]["known"] == [True, False]


def test_users_are_served_whether_they_have_the_feature_or_not(
    answers: dict, fitted: Fitted
) -> None:
    for movies, block in zip(answers["users"]["movie_id"], ("m1", "m3"), strict=False):
        assert blocks(movies, 3) == {block}  # three of twelve are unseen
    assert "" not in answers["users"]["movie_id"][2]  # the popular ones


def test_movies_that_nobody_rated_differ_by_their_features(answers: dict) -> None:
    first, second, third, nowhere = answers["movies"]["embedding"]
    assert first != second
    assert first != third
    # Nothing is known of either of them.
    assert third == nowhere


@pytest.mark.parametrize("name", OTHERS)
def test_other_towers_take_features_too(training_inputs: TrainingInputs, name: str) -> None:
    fitted = fit(training_inputs, ALL.model_copy(update=OTHERS[name]))
    for tables in fitted.model.tables().values():
        assert all(np.abs(table.numpy()).max() > 0 for table in tables)
    signatures = trace_signatures(IndexModel(fitted.model, training_inputs))
    assert ("recommend_from_profile" in signatures) is (name == "in_batch")


def test_a_warm_start_carries_features_over_by_their_values(
    training_inputs: TrainingInputs, fitted: Fitted, exported: str
) -> None:
    previous = read_learned_weights(exported)
    assert previous is not None
    assert set(previous.ids) == {"movie_id", "gender", "age", "genres", "year"}
    # Values in another order: the rows must follow.
    previous.ids["age"] = previous.ids["age"][::-1]
    position = next(
        number
        for number, variable in enumerate(fitted.model.trainable_variables)
        if variable is fitted.model.tables()["age"][0]
    )
    previous.weights[position] = np.concatenate(
        [previous.weights[position][-2::-1], previous.weights[position][-1:]]
    )
    still = ALL.model_copy(update={"warm_learning_rate": 0.0})
    again = fit(training_inputs, still, previous=previous)
    assert again.warm_start is not None
    for before, after in zip(
        fitted.model.trainable_variables, again.model.trainable_variables, strict=True
    ):
        np.testing.assert_allclose(before.numpy(), after.numpy(), atol=1e-6)


def test_a_model_with_other_features_starts_cold(
    training_inputs: TrainingInputs, exported: str
) -> None:
    fewer = ALL.model_copy(update={"user_features": ("age",), "epochs": 1})
    assert fit(training_inputs, fewer, previous=read_learned_weights(exported)).warm_start is None
    # As many tables of the same shapes, but not of the same.
    previous = read_learned_weights(exported)
    assert previous is not None
    previous.ids["occupation"] = previous.ids.pop("gender")
    assert (
        fit(training_inputs, ALL.model_copy(update={"epochs": 1}), previous=previous).warm_start
        is None
    )


def test_the_order_in_which_features_are_named_says_nothing(
    training_inputs: TrainingInputs, exported: str
) -> None:
    other = ALL.model_copy(update={"user_features": ("age", "gender", "age")})
    assert (
        fit(training_inputs, other, previous=read_learned_weights(exported)).warm_start is not None
    )
