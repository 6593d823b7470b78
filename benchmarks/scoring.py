"""Ranked lists from scores, and top-k accuracy from ranked lists: the same for all contenders."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks.split import Split

KS = (10, 100)
_BLOCK_USERS = 512


class Lists(NamedTuple):
    """Places of movies, best first, for each user of `split.asked`; -1 stands for no movie.

    Attributes:
        raw: The whole catalogue ranked, int32 [asked, k].
        unseen: Without the user's train movies, int32 [asked, k].
    """

    raw: np.ndarray
    unseen: np.ndarray


def rank(scores_of: Callable[[np.ndarray], np.ndarray], split: Split, k: int = max(KS)) -> Lists:
    """Ranks the catalogue for each asked user, with and without what they have seen.

    Args:
        scores_of: Users int32 [n] → scores float [n, movies].
        split: The split.
        k: Length of the lists; at most the catalogue.
    """
    raw, unseen = [], []
    for start in range(0, len(split.asked), _BLOCK_USERS):
        users = split.asked[start : start + _BLOCK_USERS]
        scores = np.array(scores_of(users), dtype=np.float32)
        raw.append(best(scores, k))
        seen = split.matrix[users].tocoo()
        scores[seen.row, seen.col] = -np.inf
        unseen.append(best(scores, k))
    return Lists(np.concatenate(raw), np.concatenate(unseen))


def best(scores: np.ndarray, k: int) -> np.ndarray:
    """Returns the places of the k largest scores of each row, largest first: int32 [n, k].

    Places whose score is -inf are -1.
    """
    k = min(k, scores.shape[1])
    positions = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    values = np.take_along_axis(scores, positions, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    ranked = np.take_along_axis(positions, order, axis=1)
    removed = np.isneginf(np.take_along_axis(values, order, axis=1))
    return np.where(removed, -1, ranked).astype(np.int32)


def accuracy(lists: Lists, split: Split) -> dict[str, float]:
    """Returns what is measured of the lists, by name.

    The share of held-out rows whose movie is among the user's top k; and, where one movie is held
    out of each user, NDCG at 10 and the mean reciprocal rank in the top 100.
    """
    figures = {}
    for prefix, ranked in zip(("", "unseen_"), lists, strict=True):
        hits = hits_of(ranked, split)
        for k in KS:
            share = hits[:, :k].sum() / len(split.eval_user)
            figures[f"{prefix}top_{k}_accuracy"] = float(share)
        if len(split.asked) == len(split.eval_user):
            ranks = np.arange(hits.shape[1])
            gains = {"ndcg_at_10": (1 / np.log2(2 + ranks)) * (ranks < 10), "mrr": 1 / (1 + ranks)}
            for name, gain in gains.items():
                figures[prefix + name] = float((hits @ gain).mean())
    return figures


def hits_of(ranked: np.ndarray, split: Split) -> np.ndarray:
    """Says which movies of the lists were held out, bool [asked, k].

    Args:
        ranked: Places of movies for each user of `split.asked`, best first, int32 [asked, k].
        split: The split.
    """
    held_out = split.eval_user.astype(np.int64) * split.movies + split.eval_movie
    listed = split.asked.astype(np.int64)[:, np.newaxis] * split.movies + ranked
    return np.isin(listed, held_out) & (ranked >= 0)
