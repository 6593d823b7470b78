"""What models find of the time after a temporal split, by how far after it: top-10 and top-100.

    python -m benchmarks.after_cut history=runs/history sequence=runs/sequence

Each argument is a name and the output root of a run with `--set split.method=temporal`; all runs
have the same data and split. Users who have a history before the cut are shown by the number of
the interaction after it.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks import tables
from benchmarks.contenders import Options
from benchmarks.scale.whole_run import artifact, trained_model
from benchmarks.scoring import KS, hits_of
from benchmarks.split import Split, World
from components.tensorflow_settings import prepare_tensorflow

FIRSTS = (1, 5, 20)
WORK = Path("build") / "benchmarks" / "after-cut"


def numbers_after_cut(eval_user: np.ndarray) -> np.ndarray:
    """Returns which held-out interaction of its user each one is, from 1 on; int64 [eval].

    Args:
        eval_user: Users, each user's interactions in a row and in time order, int32 [eval].
    """
    places = np.arange(len(eval_user))
    starts = np.r_[True, eval_user[1:] != eval_user[:-1]]
    return places - np.maximum.accumulate(np.where(starts, places, 0)) + 1


def parts_of(split: Split) -> dict[str, np.ndarray]:
    """Returns the parts of the held-out interactions that are shown, as masks, bool [eval]."""
    known = np.isin(split.eval_user, split.train_user)
    number = numbers_after_cut(split.eval_user)
    firsts = {f"their first {first}" if first > 1 else "their first": first for first in FIRSTS}
    return {
        "all": np.ones(len(known), bool),
        "users without a history": ~known,
        "users with a history": known,
        **{name: known & (number <= first) for name, first in firsts.items()},
        f"those after {FIRSTS[-1]}": known & (number > FIRSTS[-1]),
    }


def shares(lists: np.ndarray, split: Split, mask: np.ndarray) -> list[float]:
    """Returns the share of held-out interactions whose movie is in the list, for each of KS.

    Args:
        lists: Places of movies for each user of `split.asked`, best first, int32 [asked, k].
        split: The split.
        mask: Which interactions count, bool [eval].
    """
    part = dataclasses.replace(
        split, eval_user=split.eval_user[mask], eval_movie=split.eval_movie[mask]
    )
    hits = hits_of(lists[np.isin(split.asked, part.asked)], part)
    return [float(hits[:, :k].sum() / mask.sum()) for k in KS]


def table_of(models: Mapping[str, np.ndarray], split: Split) -> str:
    """Returns the table: a row for each part, a column for each model.

    Args:
        models: Lists of unseen movies by name, int32 [asked, k].
        split: The split.
    """
    rows = []
    for name, mask in parts_of(split).items():
        if mask.any():
            found = (shares(lists, split, mask) for lists in models.values())
            cells = [" / ".join(map(tables.share, one)) for one in found]
            rows.append([name, f"{mask.sum():,}", *cells])
    return tables.table(["held-out interactions", "", *models], rows)


def measure(roots: Mapping[str, Path], work: Path) -> str:
    """Returns the table for runs, popularity beside them.

    Args:
        roots: Output roots by name.
        work: Folder for the split.
    """
    from benchmarks.contenders import popularity, two_tower
    from benchmarks.prepare import read_split

    first = next(iter(roots.values()))
    folders = {key: artifact(first, "ExampleGen", key) for key in ("examples", "movies")}
    work.mkdir(parents=True, exist_ok=True)
    read_split(folders["examples"], folders["movies"]).save(work / "split.npz")
    world = World(work, {name: str(folder) for name, folder in folders.items()})
    models = {
        name: two_tower.lists(trained_model(root), world).unseen for name, root in roots.items()
    }
    ranked = popularity.fit(world, Options()).lists
    assert ranked is not None
    return table_of({**models, "popularity": ranked().unseen}, world.split)


def named_root(text: str) -> tuple[str, Path]:
    """Returns name and folder of an argument NAME=FOLDER.

    Raises:
        argparse.ArgumentTypeError: It is none, or there is not just one run in the folder.
    """
    name, _, root = text.partition("=")
    try:
        artifact(Path(root), "ExampleGen", "examples")
        trained_model(Path(root))
    except (OSError, ValueError):
        name = ""
    if not name:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no NAME=FOLDER whose folder is the output root of one run"
        )
    return name, Path(root)


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and prints; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.after_cut",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", nargs="+", type=named_root, metavar="NAME=FOLDER")
    parser.add_argument("--work", type=Path, default=WORK, help=f"folder (default: {WORK})")
    prepare_tensorflow(log_level=2)
    arguments = parser.parse_args(argv)
    print(measure(dict(arguments.runs), arguments.work))
    return 0


if __name__ == "__main__":
    sys.exit(main())
