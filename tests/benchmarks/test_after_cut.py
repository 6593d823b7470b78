from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import after_cut
from benchmarks.split import Split


@pytest.fixture
def split() -> Split:
    """User 0 has no history; user 2 has one, and 22 held-out movies: 1 to 22, in this order."""
    return Split(
        user_ids=np.array([b"a", b"b", b"c"]),
        movie_ids=np.array([b"m%d" % number for number in range(30)]),
        train_user=np.array([1, 2], dtype=np.int32),
        train_movie=np.array([0, 0], dtype=np.int32),
        eval_user=np.array([0, 0, *[2] * 22], dtype=np.int32),
        eval_movie=np.array([5, 6, *range(1, 23)], dtype=np.int32),
    )


def test_interactions_are_numbered_within_their_user(split: Split) -> None:
    assert after_cut.numbers_after_cut(split.eval_user).tolist() == [1, 2, *range(1, 23)]


def test_parts_divide_users_with_a_history_by_distance(split: Split) -> None:
    counts = {name: int(mask.sum()) for name, mask in after_cut.parts_of(split).items()}
    assert counts == {
        "all": 24,
        "users without a history": 2,
        "users with a history": 22,
        "their first": 1,
        "their first 5": 5,
        "their first 20": 20,
        "those after 20": 2,
    }


def test_share_counts_what_is_in_the_list(split: Split) -> None:
    # User 0's list has movie 5 alone; user 2's has 1 to 11 backwards, so its ten first are 11 to 2.
    lists = np.array([[5, *[-1] * 10], list(range(11, 0, -1))], dtype=np.int32)
    parts = after_cut.parts_of(split)
    assert after_cut.shares(lists, split, parts["users without a history"]) == [0.5, 0.5]
    assert after_cut.shares(lists, split, parts["their first"]) == [0.0, 1.0]
    assert after_cut.shares(lists, split, parts["their first 5"]) == [0.8, 1.0]
    table = after_cut.table_of({"some": lists}, split)
    assert "| their first 5 | 5 | .8000 / 1.0000 |" in table


def test_folder_without_a_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in ("nothing", f"none={tmp_path}"):
        with pytest.raises(SystemExit) as ended:
            after_cut.main([wrong])
        assert ended.value.code == 2
        assert f"'{wrong}' is no NAME=FOLDER" in capsys.readouterr().err
