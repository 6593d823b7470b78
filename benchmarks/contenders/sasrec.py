"""SASRec (Kang and McAuley, ICDM 2018) of the library RecTools, in an environment of its own."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.contenders import Fitted, Options
from benchmarks.scoring import KS, Lists
from benchmarks.split import Split, World

# Sizes of the paper for MovieLens-1M, but for the window: the paper's 200 would take more than
# twice the time. Window, loss and initial values are RecTools' own.
WINDOW, FACTORS, BLOCKS, HEADS, DROPOUT, RATE, BATCH = 100, 50, 2, 1, 0.2, 1e-3, 128


def fit(world: World, options: Options) -> Fitted:
    """Trains for `options.sasrec_epochs` passes."""
    from pytorch_lightning import seed_everything
    from rectools.models import SASRecModel

    split = world.split
    dataset = _dataset(split)
    seed_everything(options.seed)
    model = SASRecModel(
        session_max_len=WINDOW,
        n_factors=FACTORS,
        n_blocks=BLOCKS,
        n_heads=HEADS,
        dropout_rate=DROPOUT,
        lr=RATE,
        batch_size=BATCH,
        epochs=options.sasrec_epochs,
        deterministic=True,
    )
    start = time.perf_counter()
    model.fit(dataset)
    seconds = time.perf_counter() - start
    notes = {
        "settings": f"d {FACTORS}, window {WINDOW}, {BLOCKS} blocks, dropout {DROPOUT:g}, "
        f"{options.sasrec_epochs} passes, {_versions()}"
    }
    return Fitted(lambda: _lists(model, dataset, split), seconds, notes)


def _dataset(split: Split) -> Any:
    """Returns RecTools' form of the train interactions; their times are their places."""
    import pandas as pd
    from rectools import Columns
    from rectools.dataset import Dataset

    places = np.arange(len(split.train_user))
    return Dataset.construct(
        pd.DataFrame(
            {
                Columns.User: split.train_user,
                Columns.Item: split.train_movie,
                Columns.Weight: 1.0,
                Columns.Datetime: pd.to_datetime(places, unit="s"),
            }
        )
    )


def _lists(model: Any, dataset: Any, split: Split) -> Lists:
    k = min(max(KS), split.movies)

    def ranked(without_seen: bool) -> np.ndarray:
        table = model.recommend(split.asked, dataset, k, filter_viewed=without_seen)
        return listed(table["user_id"], table["item_id"], table["rank"], split.asked, k)

    return Lists(ranked(False), ranked(True))


def listed(
    users: np.ndarray, movies: np.ndarray, ranks: np.ndarray, asked: np.ndarray, k: int
) -> np.ndarray:
    """Lays rows of recommendations out as one list for each user.

    Args:
        users: int [rows].
        movies: int [rows].
        ranks: From 1 on, int [rows].
        asked: The users, ascending, int [asked].
        k: Length of the lists.

    Returns:
        int32 [asked, k]; -1 where a user has fewer.
    """
    lists = np.full((len(asked), k), -1, np.int32)
    lists[np.searchsorted(asked, users), np.asarray(ranks) - 1] = movies
    return lists


def _versions() -> str:
    from components.package_versions import package_versions

    found = package_versions(("rectools", "torch"))
    return ", ".join(f"{name} {version}" for name, version in found.items())
