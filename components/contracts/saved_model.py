"""The exported SavedModel: its signatures, their inputs and outputs, its files.

The Trainer exports it; the Evaluator, the serving check, the report, batch inference and the
servers of others use it. This module imports nothing heavy.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from components.contracts.examples import MOVIE_ID, USER_ID

SERVING_DEFAULT = "serving_default"
SERVING_RAW = "serving_raw"
SERVING_EXCLUDE = "serving_exclude"
SIMILAR_MOVIES = "similar_movies"
RECOMMEND_FROM_HISTORY = "recommend_from_history"
RECOMMEND_FROM_PROFILE = "recommend_from_profile"
SERVING_EXAMPLES = "serving_examples"
EMBED_QUERY = "embed_query"
EMBED_CANDIDATE = "embed_candidate"

EXAMPLES = "examples"
EXCLUDE_MOVIE_ID = "exclude_movie_id"

# Inputs by signature; all are strings, [batch] unless they are in MATRIX_INPUTS.
SIGNATURES: dict[str, tuple[str, ...]] = {
    SERVING_DEFAULT: (USER_ID,),
    SERVING_RAW: (USER_ID,),
    SERVING_EXCLUDE: (USER_ID, EXCLUDE_MOVIE_ID),
    SIMILAR_MOVIES: (MOVIE_ID,),
    RECOMMEND_FROM_HISTORY: (MOVIE_ID,),
    SERVING_EXAMPLES: (EXAMPLES,),
    EMBED_QUERY: (USER_ID,),
    EMBED_CANDIDATE: (MOVIE_ID,),
}
# (signature, input) of shape [batch, m], padded with "".
MATRIX_INPUTS = frozenset(
    {
        (SERVING_EXCLUDE, EXCLUDE_MOVIE_ID),
        (RECOMMEND_FROM_HISTORY, MOVIE_ID),
        (RECOMMEND_FROM_PROFILE, MOVIE_ID),
    }
)

# Output of every signature that gives a list with titles, bool [batch]: whether the model knows the
# user or the movies that were asked about; where it does not, the list is of popular movies.
KNOWN = "known"

# Outputs of SERVING_EXAMPLES: ranked lists, string [batch, k], and two figures, int64 [batch, 1].
TOP, UNSEEN_TOP = "top_movie_id", "unseen_top_movie_id"
POPULAR, UNSEEN_POPULAR = "popular_movie_id", "unseen_popular_movie_id"
KNOWN_USER, CATALOGUE_SIZE = "known_user", "catalogue_size"
# One more output of SERVING_EXAMPLES where the index is approximate, float32 [batch, 1]: the share
# of the exact list of unseen movies that the index gives, NOT_MEASURED for most users.
INDEX_RECALL, NOT_MEASURED = "index_recall", -1.0

MAX_K = 100

# Statistics of the training data, in the folder that SavedModels keep for what is not in the graph.
TRAINING_STATISTICS = os.path.join("assets.extra", "training_statistics.pb")
# The movies as people see them: one JSON object a line with `movie_id`, `genres` and `year`.
CATALOGUE = os.path.join("assets.extra", "catalogue.jsonl")
# Requests that TensorFlow Serving replays before it serves a version; the name is its own.
WARM_UP_REQUESTS = os.path.join("assets.extra", "tf_serving_warmup_requests")
# Rows of warm-up calls: one, as most requests have, and a batch. Kernels choose memory by the size.
WARM_UP_ROWS = (1, 32)


def signature_inputs(user_features: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Returns the inputs of each signature of a model.

    Args:
        user_features: The user features of a model that pools histories; with any of them it has
            the signature `recommend_from_profile` too.
    """
    if not user_features:
        return SIGNATURES
    return {**SIGNATURES, RECOMMEND_FROM_PROFILE: (MOVIE_ID, *user_features)}


def vocabulary_file(model: str, feature: str) -> str:
    """Returns the path of a vocabulary of the SavedModel in the folder `model`: a value a line."""
    return os.path.join(model, "assets", feature)
