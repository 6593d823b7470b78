"""What the users of a loaded model have seen, from the index model's variables."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from components.contracts.examples import USER_ID
from components.contracts.saved_model import vocabulary_file
from serving.model.variables import Variables

# Variables of the index model (components/trainer/export/index_model.py): each user's movies as
# indices of the vocabulary, and the row of the catalogue for each index.
_VALUES, _SPLITS, _ROW_OF_INDEX = "_history_values", "_history_splits", "_row_of_index"


class Histories:
    """The users of a model and the rows of the movies that they have seen."""

    def __init__(self, users: list[str], values: np.ndarray, splits: np.ndarray) -> None:
        """Initializes the histories.

        Args:
            users: Raw ids, those with most interactions first.
            values: Rows of the catalogue, int32 [interactions]; -1 for none.
            splits: Where each user's part begins, int64 [users + 1] or longer.
        """
        self.users = users
        self._index = {user: index for index, user in enumerate(users)}
        self._values, self._splits = values, splits

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._index

    def rows(self, user_id: str) -> list[int]:
        """Returns the rows of the movies that a user has seen, newest last; [] for a stranger."""
        index = self._index.get(user_id)
        if index is None or index + 1 >= len(self._splits):
            return []
        rows = self._values[self._splits[index] : self._splits[index + 1]]
        return [int(row) for row in rows if row >= 0]

    def search(self, text: str, limit: int) -> list[str]:
        """Returns users whose id begins with a text, those with most interactions first."""
        found = (user for user in self.users if user.startswith(text))
        return list(itertools.islice(found, limit))


def read_histories(variables: Variables, path: Path) -> Histories:
    """Reads the histories of a SavedModel in a folder; they are empty where it has none."""
    names = (_VALUES, _SPLITS, _ROW_OF_INDEX)
    users = _read_vocabulary(Path(vocabulary_file(str(path), USER_ID)))
    if not all(name in variables for name in names):
        return Histories(users, np.zeros(0, np.int32), np.zeros(0, np.int64))
    values, splits, row_of_index = map(variables.read, names)
    return Histories(users, row_of_index[values], splits)


def _read_vocabulary(path: Path) -> list[str]:
    if not path.is_file():
        return []
    text = path.read_bytes().decode("utf-8", "replace")
    return text.removesuffix("\n").split("\n") if text else []
