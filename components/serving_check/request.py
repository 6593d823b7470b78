"""The probe's request: users and movies from the Examples on which the model was trained."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from components.contracts import metric_names, saved_model
from components.contracts.example_readers import examples, read_titles, texts
from components.contracts.examples import MOVIE_ID, USER_ID
from components.errors import DataError
from components.serving_check.config import ServingCheckConfig

UNKNOWN_USERS = ("serving-check-nobody", "serving-check-no-one", "")
# Users times movies of the large batch: about 400 MB while a model works on it.
_MAX_SCORES = 8_000_000


def make_request(
    train_files: Sequence[str], movie_files: Sequence[str], config: ServingCheckConfig
) -> dict[str, Any]:
    """Returns the probe's request, ready for JSON.

    Args:
        train_files: gzip TFRecords of user Examples, the split train.
        movie_files: gzip TFRecords of movie Examples.
        config: the number of users, and which answers are accepted.

    Raises:
        DataError: if there is no user or no movie.
    """
    users = read_users(train_files, config.users)
    catalogue = read_titles(movie_files)
    if not users or not catalogue:
        missing = "user in the split train" if not users else "movie in the catalogue"
        raise DataError(f"serving check: there is no {missing}; it needs at least one")
    return {
        "users": users,
        "unknown_users": list(UNKNOWN_USERS),
        "catalogue": catalogue,
        "large_batch": min(config.large_batch, max(1, _MAX_SCORES // len(catalogue))),
        "max_latency_ms": config.max_latency_ms,
        **contract(),
    }


def contract() -> dict[str, Any]:
    """Returns what the probe has to know of the contract, as it cannot import it."""
    return {
        "signatures": {name: list(inputs) for name, inputs in saved_model.SIGNATURES.items()},
        "profile_signature": saved_model.RECOMMEND_FROM_PROFILE,
        "example_lists": list(metric_names.LISTS.values()),
        "known_output": saved_model.KNOWN,
        "recall_output": saved_model.INDEX_RECALL,
        "max_k": saved_model.MAX_K,
    }


def read_users(files: Sequence[str], count: int) -> list[dict[str, Any]]:
    """Returns user_id and the movies seen of the first users."""
    return [
        {"user_id": texts(user, USER_ID)[0], "seen": texts(user, MOVIE_ID)}
        for user in itertools.islice(examples(files), count)
    ]
