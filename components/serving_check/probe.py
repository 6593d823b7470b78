"""Calls an exported model as servers will call it, and checks the outputs.

A script that stands alone: it is run as `python -I probe.py MODEL` in a fresh process and imports
TensorFlow, numpy and the standard library, nothing else, as a server would. It loads the SavedModel
in the folder MODEL, and keeps what came of it. Then it reads JSON, one line of its standard input:

    «request»  «users» (user_id and the movies that the user has seen), «unknown_users»,
               «catalogue» (movie id → title), «large_batch», «max_latency_ms»; of the contract
               «signatures» (name → inputs), «profile_signature», «example_lists»,
               «known_output», «recall_output», «max_k»
    «answer»   path of the file that is written, JSON: «checks» (name, passed, detail; the first
               is «load»), «latency_ms»

Text is UTF-8 with surrogate escapes for bytes that are not UTF-8. Every check is a function of a
Probe that returns a detail for people, or raises CheckError.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

LOWEST = np.finfo(np.float32).min
# Of scores, relative to the largest: what another order of summation may do, and a little more.
TOLERANCE = 1e-3
# Share of equal positions of two lists that should agree: near ties may swap with batch size.
AGREEMENT = 0.98
EMBEDDING_BLOCK = 4096
WARM_UPS = 3
LATENCY_QUERIES = 15
EXCLUDED = 3
# Strings come out of TensorFlow as arrays of objects.
LISTS = {"movie_id": np.dtype(object), "title": np.dtype(object), "score": np.dtype(np.float32)}

Answer = dict[str, np.ndarray]


class CheckError(Exception):
    """A wrong output: the input, the actual and the expected output."""


def require(condition: Any, text: str) -> None:
    """Raises CheckError with the text unless the condition holds."""
    if not condition:
        raise CheckError(text)


def require_shape(name: str, array: np.ndarray, shape: list[int]) -> None:
    """Raises CheckError unless an output has the shape."""
    require(list(array.shape) == shape, f"{name} has the shape {list(array.shape)}, not {shape}")


def to_bytes(text: str) -> bytes:
    """Returns the bytes that JSON text stands for."""
    return text.encode("utf-8", "surrogateescape")


class Probe:
    """A loaded model, and the inputs of its checks."""

    def __init__(self, model: Any, request: dict[str, Any]) -> None:
        """Takes a loaded SavedModel and the parsed request."""
        self.signatures = model.signatures
        self.users = [to_bytes(user["user_id"]) for user in request["users"]]
        self.seen = [{to_bytes(movie) for movie in user["seen"]} for user in request["users"]]
        self.unknown = [to_bytes(user) for user in request["unknown_users"]]
        self.catalogue = {
            to_bytes(movie): to_bytes(title) for movie, title in request["catalogue"].items()
        }
        self.movies = list(self.catalogue)
        self.k = min(int(request["max_k"]), len(self.catalogue))
        self.large_batch = int(request["large_batch"])
        self.max_latency_ms = float(request["max_latency_ms"])
        self.expected_signatures: dict[str, list[str]] = request["signatures"]
        self.profile_signature: str = request["profile_signature"]
        self.example_lists: list[str] = request["example_lists"]
        self.known_output: str = request["known_output"]
        self.recall_output: str = request["recall_output"]
        self.latency_ms: float | None = None

    def call(self, signature: str, **inputs: Any) -> Answer:
        """Calls a signature with string tensors and returns its outputs as arrays."""
        tensors = {name: tf.constant(value, tf.string) for name, value in inputs.items()}
        return {
            name: value.numpy() for name, value in self.signatures[signature](**tensors).items()
        }

    def history(self, row: int) -> list[bytes]:
        """Returns the movies that a known user has seen, in a fixed order."""
        return sorted(self.seen[row])

    def verify_lists(
        self,
        answer: Answer,
        names: Sequence[bytes],
        removed: Sequence[set[bytes]],
        known: Sequence[bool | None],
    ) -> None:
        """Checks everything that holds for every answer with movies, titles and scores.

        Args:
            answer: movie_id, title and score, each [batch, k], and known, [batch].
            names: whom or what each row is about, for the text of a failure, [batch].
            removed: movies that a row must not have, [batch].
            known: whether the model knows whom or what each row is about, [batch]; None: either.
        """
        outputs = {*LISTS, self.known_output}
        require(set(answer) == outputs, f"outputs are {sorted(answer)}, not {sorted(outputs)}")
        for key, dtype in LISTS.items():
            array = answer[key]
            require_shape(key, array, [len(names), self.k])
            require(array.dtype == dtype, f"{key} is of type {array.dtype}, not {dtype}")
        require(np.isfinite(answer["score"]).all(), "a score is not finite")
        for row, name in enumerate(names):
            movies, titles, scores = (answer[key][row] for key in LISTS)
            try:
                self._verify_row(movies, titles, scores, removed[row])
            except CheckError as error:
                raise CheckError(f"for {show(name)} {error}") from None
        self._verify_known(answer[self.known_output], names, known)

    def _verify_known(
        self, actual: np.ndarray, names: Sequence[bytes], expected: Sequence[bool | None]
    ) -> None:
        """Checks the output that says whether the model knows what was asked about."""
        name = self.known_output
        require_shape(name, actual, [len(names)])
        require(actual.dtype == np.dtype(bool), f"{name} is of type {actual.dtype}, not bool")
        for asked, one, other in zip(names, actual, expected, strict=True):
            right = other is None or one == other
            require(right, f"for {show(asked)} {name} is {bool(one)}, not {other}")

    def _verify_row(
        self, movies: np.ndarray, titles: np.ndarray, scores: np.ndarray, removed: set[bytes]
    ) -> None:
        """Checks one list: k movies as long as there are so many, then a filled tail."""
        expected = min(self.k, len(self.catalogue) - len(removed & self.catalogue.keys()))
        real = movies[:expected].tolist()
        if b"" in real:
            raise CheckError(f"there are {real.index(b'')} movies where {expected} are left")
        tail = zip(movies[expected:], titles[expected:], scores[expected:], strict=True)
        require(
            all(cell == (b"", b"", LOWEST) for cell in tail),
            f"the tail after {expected} movies is not filled with '', '' and the lowest float32",
        )
        require(np.all(np.diff(scores) <= 0), "the scores are not sorted")
        require(len(set(real)) == len(real), "a movie is listed twice")
        self._verify_movies(real, titles[:expected].tolist())
        if shown := removed.intersection(real):
            raise CheckError(f"{show(min(shown))} is listed, which was seen or excluded")

    def _verify_movies(self, movies: list[bytes], titles: list[bytes]) -> None:
        for movie, title in zip(movies, titles, strict=True):
            if movie not in self.catalogue:
                raise CheckError(f"{show(movie)} is listed, which is not in the catalogue")
            if title != self.catalogue[movie]:
                raise CheckError(
                    f"{show(movie)} has the title {show(title)}, in the catalogue it is "
                    f"{show(self.catalogue[movie])}"
                )

    def popular(self) -> np.ndarray:
        """Returns the list of popular movies that the model itself gives, bytes [k]."""
        return self._answer_to_example()["popular_movie_id"][0]

    def is_exact(self) -> bool:
        """Says whether the index is exact: only an approximate one tells its recall."""
        return self.recall_output not in self._answer_to_example()

    def _answer_to_example(self) -> Answer:
        return self.call("serving_examples", examples=[example(self.unknown[0])])


def show(text: bytes) -> str:
    """Returns an id or title in quotes for people."""
    return repr(text.decode("utf-8", "replace"))


def example(user: bytes, seen: Sequence[bytes] | None = None) -> bytes:
    """Returns a serialised user Example; without the feature seen_movie_id where seen is None."""
    features = {"user_id": [user]}
    if seen is not None:
        features["seen_movie_id"] = list(seen)
    lists = {
        name: tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
        for name, values in features.items()
    }
    return tf.train.Example(features=tf.train.Features(feature=lists)).SerializeToString()


def agree(one: np.ndarray, other: np.ndarray, text: str) -> None:
    """Raises CheckError if more positions of two string arrays differ than near ties explain."""
    share = float(np.mean(one == other))
    require(share >= AGREEMENT, f"{text}: only {share:.1%} of the positions agree")


def close(one: np.ndarray, other: np.ndarray, text: str) -> float:
    """Raises CheckError if scores differ; returns the greatest difference."""
    if not one.size:
        return 0.0
    difference = float(np.max(np.abs(one - other)))
    allowed = TOLERANCE * (1.0 + float(np.max(np.abs(other))))
    require(difference <= allowed, f"{text} by {difference:.3g}, at most {allowed:.3g} is allowed")
    return difference


def check_signatures(probe: Probe) -> str:
    """All signatures are there, with their inputs."""
    for name, inputs in probe.expected_signatures.items():
        require(name in probe.signatures, f"there is no signature {name}")
        actual = set(probe.signatures[name].structured_input_signature[1])
        require(actual == set(inputs), f"{name} takes {sorted(actual)}, not {sorted(inputs)}")
    return f"{len(probe.expected_signatures)} signatures"


def check_known_users(probe: Probe) -> str:
    """Known users get k movies of the catalogue that they have not seen."""
    answer = probe.call("serving_default", user_id=probe.users)
    probe.verify_lists(answer, probe.users, probe.seen, [True] * len(probe.users))
    return f"{len(probe.users)} users, {probe.k} movies each, none of them seen"


def check_raw(probe: Probe) -> str:
    """Seen movies are not removed from the raw lists."""
    users = [*probe.users, probe.unknown[0]]
    answer = probe.call("serving_raw", user_id=users)
    known = [True] * len(probe.users) + [False]
    probe.verify_lists(answer, users, [set()] * len(users), known)
    return f"{len(probe.users)} users, and one who is unknown"


def check_unknown_users(probe: Probe) -> str:
    """Unknown users are told so and get popular movies; scores are logarithms of shares."""
    answer = probe.call("serving_default", user_id=probe.unknown)
    count = len(probe.unknown)
    probe.verify_lists(answer, probe.unknown, [set()] * count, [False] * count)
    popular = probe.popular()
    for row, user in enumerate(probe.unknown):
        require(
            (answer["movie_id"][row] == popular).all(), f"{show(user)} does not get popular movies"
        )
    require(answer["score"].max() <= 0, "a score of a popular movie is no logarithm of a share")
    return f"most popular: {show(probe.catalogue[popular[0]])}"


def check_empty_batch(probe: Probe) -> str:
    """No user is no error."""
    for signature in ("serving_default", "serving_raw"):
        probe.verify_lists(probe.call(signature, user_id=[]), [], [], [])
    answer = probe.call("serving_examples", examples=[])
    for name in probe.example_lists:
        require_shape(f"serving_examples: {name}", answer[name], [0, probe.k])
    return "lists of no rows"


def check_large_batch(probe: Probe) -> str:
    """A user gets the same in a large batch as in a small one."""
    pool = [*probe.users, probe.unknown[0]]
    seen = [*probe.seen, set()]
    rows = [row % len(pool) for row in range(probe.large_batch)]
    users = [pool[row] for row in rows]
    small = probe.call("serving_default", user_id=pool)
    large = probe.call("serving_default", user_id=users)
    known = [row < len(probe.users) for row in rows]
    probe.verify_lists(large, users, [seen[row] for row in rows], known)
    real = (large["movie_id"] != b"") & (small["movie_id"][rows] != b"")
    one, other = large["score"][real], small["score"][rows][real]
    close(one, other, "scores differ from those of a small batch")
    return f"{probe.large_batch} users"


def check_exclusions(probe: Probe) -> str:
    """Excluded movies are gone, the others move up."""
    known, unknown = [True] * len(probe.users), probe.unknown[0]
    default = probe.call("serving_default", user_id=probe.users)
    count = min(EXCLUDED, probe.k)
    excluded = default["movie_id"][:, :count]
    padded = np.concatenate([excluded, np.full([len(probe.users), 1], b"", object)], axis=1)
    answer = probe.call("serving_exclude", user_id=probe.users, exclude_movie_id=padded.tolist())
    removed = [seen | set(row) for seen, row in zip(probe.seen, excluded, strict=True)]
    probe.verify_lists(answer, probe.users, removed, known)
    of_unknown = probe.call("serving_exclude", user_id=[unknown], exclude_movie_id=[[b""]])
    probe.verify_lists(of_unknown, [unknown], [set()], [False])
    one, other = answer["score"][:, : probe.k - count], default["score"][:, count:]
    real = (one > LOWEST) & (other > LOWEST)
    if not probe.is_exact():
        real &= one < other  # with more to remove it looks further, and may find a better movie
    close(one[real], other[real], "the movies that are left have other scores,")
    return f"{count} movies excluded for each of {len(probe.users)} users"


def check_similar_movies(probe: Probe) -> str:
    """Similar movies leave out the movie itself; an unknown movie gives the popular ones."""
    rated = [probe.history(row)[0] for row in range(len(probe.users)) if probe.seen[row]]
    movies = [*probe.movies[:: max(1, len(probe.movies) // 50)], *rated]
    known = [True if movie in rated else None for movie in movies]
    answer = probe.call("similar_movies", movie_id=movies)
    probe.verify_lists(answer, movies, [{movie} for movie in movies], known)
    unknown = b"serving-check-no-movie"
    answer = probe.call("similar_movies", movie_id=[unknown])
    probe.verify_lists(answer, [unknown], [set()], [False])
    require(
        (answer["movie_id"][0] == probe.popular()).all(),
        "an unknown movie does not give popular movies",
    )
    return f"{len(movies)} movies"


def check_history(probe: Probe) -> str:
    """Movies that someone watched give recommendations without those movies."""
    histories = [*(probe.history(row) for row in range(len(probe.users))), []]
    names = [*probe.users, b"nobody"]
    width = max(len(history) for history in histories) + 1
    padded = [history + [b""] * (width - len(history)) for history in histories]
    answer = probe.call("recommend_from_history", movie_id=padded)
    known = [bool(history) for history in histories]
    probe.verify_lists(answer, names, [set(history) for history in histories], known)
    require(
        (answer["movie_id"][-1] == probe.popular()).all(),
        "an empty history does not give popular movies",
    )
    return f"{len(histories)} histories of up to {width - 1} movies"


def check_profile(probe: Probe) -> str:
    """Values of user features that are unknown or missing say nothing, and are no error."""
    profile = probe.profile_signature
    if profile not in probe.signatures:
        return "the model takes no features of users"
    inputs = set(probe.signatures[profile].structured_input_signature[1])
    features = sorted(inputs - {"movie_id"})
    history = probe.history(0)
    movies = [history, [b""] * len(history)]
    expected = probe.call("recommend_from_history", movie_id=movies)
    for value in (b"", b"serving-check-no-value"):
        values = dict.fromkeys(features, [value] * len(movies))
        answer = probe.call(profile, movie_id=movies, **values)
        names, known = [probe.users[0], b"nobody"], [bool(history), False]
        probe.verify_lists(answer, names, [set(history), set()], known)
        agree(answer["movie_id"], expected["movie_id"], f"{profile} and recommend_from_history")
    return f"{', '.join(features)}: unknown and missing values"


def check_examples(probe: Probe) -> str:
    """Serialised Examples, as the Evaluator sends them, get the same lists as user ids."""
    users = [*probe.users, probe.unknown[0]]
    examples = [example(user, probe.history(row)) for row, user in enumerate(probe.users)]
    answer = probe.call("serving_examples", examples=[*examples, example(probe.unknown[0])])
    known = [[1]] * len(probe.users) + [[0]]
    require(answer["known_user"].tolist() == known, "known_user is not 1 for known, 0 for others")
    size = len(probe.catalogue)
    require(
        answer["catalogue_size"].tolist() == [[size]] * len(users),
        f"catalogue_size is {answer['catalogue_size'].flat[0]}, the catalogue has {size} movies",
    )
    raw = probe.call("serving_raw", user_id=users)["movie_id"]
    default = probe.call("serving_default", user_id=users)["movie_id"]
    agree(answer["top_movie_id"], raw, "top_movie_id and serving_raw")
    agree(answer["unseen_top_movie_id"], default, "unseen_top_movie_id and serving_default")
    for row, seen in enumerate(probe.seen):
        shown = seen.intersection(answer["unseen_popular_movie_id"][row])
        require(not shown, f"for {show(users[row])} unseen_popular_movie_id has a seen movie")
    return f"{len(users)} Examples, one of them without seen_movie_id"


def check_dot_products(probe: Probe) -> str:
    """Scores are the dot products of the towers, and of an exact index no movie is missing."""
    queries = probe.call("embed_query", user_id=probe.users)["embedding"]
    blocks = range(0, len(probe.movies), EMBEDDING_BLOCK)
    parts = [
        probe.call("embed_candidate", movie_id=probe.movies[at : at + EMBEDDING_BLOCK])
        for at in blocks
    ]
    candidates = np.concatenate([part["embedding"] for part in parts])
    require(
        queries.ndim == 2 and candidates.shape == (len(probe.movies), queries.shape[1]),
        f"embeddings have the shapes {list(queries.shape)} and {list(candidates.shape)}",
    )
    products = queries @ candidates.T
    require(np.isfinite(products).all(), "an embedding is not finite")
    answer = probe.call("serving_default", user_id=probe.users)
    column = {movie: index for index, movie in enumerate(probe.movies)}
    greatest, exact = 0.0, probe.is_exact()
    for row, seen in enumerate(probe.seen):
        products[row, [column[movie] for movie in seen if movie in column]] = LOWEST
        scores = answer["score"][row]
        listed = [column[movie] for movie in answer["movie_id"][row] if movie]
        text = f"for {show(probe.users[row])} scores differ from the towers' dot products"
        greatest = max(greatest, close(scores[: len(listed)], products[row, listed], text))
        if exact:
            best = np.sort(products[row])[::-1][: len(listed)]
            missing = f"for {show(probe.users[row])} a better movie is missing,"
            close(scores[: len(listed)], best, missing)
    kind = "" if exact else "; the index is approximate, what it misses is for the Evaluator"
    return f"greatest difference {greatest:.2g}, width {queries.shape[1]}{kind}"


def check_latency(probe: Probe) -> str:
    """One user at a time is answered fast enough."""
    seconds = []
    for query in range(WARM_UPS + LATENCY_QUERIES):
        start = time.perf_counter()
        probe.call("serving_default", user_id=[probe.users[query % len(probe.users)]])
        seconds.append(time.perf_counter() - start)
    probe.latency_ms = 1000 * statistics.median(seconds[WARM_UPS:])
    require(
        probe.latency_ms <= probe.max_latency_ms,
        f"the median for one user is {probe.latency_ms:.1f} ms, more than "
        f"{probe.max_latency_ms:.1f} ms",
    )
    return f"median for one user {probe.latency_ms:.1f} ms"


CHECKS: tuple[Callable[[Probe], str], ...] = (
    check_signatures,
    check_known_users,
    check_raw,
    check_unknown_users,
    check_empty_batch,
    check_large_batch,
    check_exclusions,
    check_similar_movies,
    check_history,
    check_profile,
    check_examples,
    check_dot_products,
    check_latency,
)


def outcome(name: str, check: Callable[[], str]) -> dict[str, Any]:
    """Runs one check and returns its name, whether it passed, and the detail."""
    try:
        return {"name": name, "passed": True, "detail": check()}
    except CheckError as error:
        return {"name": name, "passed": False, "detail": str(error)}
    except Exception as error:  # whatever a broken model raises is an answer
        first = (str(error).strip() or "no message").splitlines()[0]
        return {"name": name, "passed": False, "detail": f"{type(error).__name__}: {first}"}


def load_model(path: str) -> tuple[Any, dict[str, Any]]:
    """Loads a SavedModel.

    Returns:
        The model, None where it does not load; the outcome of this as a check.
    """
    start = time.perf_counter()
    loaded: list[Any] = []

    def load() -> str:
        loaded.append(tf.saved_model.load(path))
        return f"loaded in {time.perf_counter() - start:.1f} s"

    check = outcome("load", load)
    return (loaded[0] if loaded else None), check


def probe_model(model: Any, load: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Runs all checks; a model that did not load fails the first alone.

    Args:
        model: The model, or None.
        load: The outcome of its loading.
        request: As the module describes it.
    """
    checks = [load]
    latency = None
    if model is not None:
        probe = Probe(model, request)
        for check in CHECKS:
            name = check.__name__.removeprefix("check_")
            checks.append(outcome(name, lambda check=check: check(probe)))  # type: ignore[misc]
        latency = probe.latency_ms
    return {"checks": checks, "latency_ms": latency}


def warm_up(model: Any) -> None:
    """Calls each signature once: a first call takes longer, and there is time before the request.

    Whether an answer is right, and what an error means, is left to the checks.
    """
    for signature in getattr(model, "signatures", {}).values():
        _, inputs = signature.structured_input_signature
        with contextlib.suppress(Exception):
            signature(**{name: blank(spec) for name, spec in inputs.items()})


def blank(spec: tf.TensorSpec) -> tf.Tensor:
    """Returns empty texts or zeros; a dimension that is not given has the size 1."""
    shape = [size or 1 for size in spec.shape]
    return tf.fill(shape, "") if spec.dtype == tf.string else tf.zeros(shape, spec.dtype)


def main() -> None:
    """Loads the model, reads the request and writes the answer; ends where no request comes."""
    model, load = load_model(sys.argv[1])
    if model is not None:
        warm_up(model)
    line = sys.stdin.readline()
    if not line:
        return
    wanted = json.loads(line)
    answer = probe_model(model, load, wanted["request"])
    with open(wanted["answer"], "w", encoding="utf-8") as file:
        json.dump(answer, file)


if __name__ == "__main__":
    main()
    # TensorFlow takes a second to take itself apart. The answer is written, and all else is the
    # process's own.
    os._exit(0)
