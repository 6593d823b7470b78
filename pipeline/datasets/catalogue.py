"""The data sets that can be downloaded by name."""

from __future__ import annotations

from dataclasses import dataclass

from components.errors import ConfigError

PUBLISHER = "https://files.grouplens.org/datasets/movielens"

CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19. "
    "https://doi.org/10.1145/2827872"
)

_RESEARCH = (
    "for research; commercial use needs GroupLens' permission; no warranty; do not suggest that "
    "GroupLens or the University of Minnesota endorses you; publications must cite it"
)
_CLOSED = f"{_RESEARCH}; do not pass it on without permission"
_COPY = f"{_CLOSED}; send GroupLens a copy of publications"
_SHARED = f"{_RESEARCH}; it may be passed on, changed or not, under these same terms only"


@dataclass(frozen=True)
class Dataset:
    """A data set as its publisher offers it: one zip.

    Attributes:
        name: The word by which it is asked for.
        size: Size of the zip in bytes; None where the publisher replaces the file now and then.
        md5: Its published MD5 in hexadecimal digits; None as for `size`.
        terms: What the licence asks, in our words; the README in the zip is what binds.
        folder: Folder of the files inside the zip.
    """

    name: str
    size: int | None
    md5: str | None
    terms: str
    folder: str

    @property
    def file(self) -> str:
        """Name of the zip."""
        return f"{self.name}.zip"

    @property
    def url(self) -> str:
        """Where the publisher offers it."""
        return f"{PUBLISHER}/{self.file}"


DATASETS = (
    Dataset("ml-100k", 4_924_029, "0e33842e24a9c977be4e0107933c0723", _CLOSED, "ml-100k"),
    Dataset("ml-1m", 5_917_549, "c4d9eecfca2ab87c1945afe126590906", _CLOSED, "ml-1m"),
    Dataset("ml-10m", 65_566_137, "ce571fd55effeba0271552578f2648bd", _COPY, "ml-10M100K"),
    Dataset("ml-20m", 198_702_078, "cd245b17a1ae2cc31bb14903e1204af3", _CLOSED, "ml-20m"),
    Dataset("ml-25m", 261_978_986, "6b51fb2759a8657d3bfcbfc42b592ada", _CLOSED, "ml-25m"),
    Dataset("ml-32m", 238_950_008, "d472be332d4daa821edc399621853b57", _SHARED, "ml-32m"),
    Dataset("ml-latest-small", None, None, _SHARED, "ml-latest-small"),
)
BY_NAME = {dataset.name: dataset for dataset in DATASETS}


def find_dataset(name: str) -> Dataset:
    """Returns the data set of that name.

    Raises:
        ConfigError: There is none.
    """
    if name not in BY_NAME:
        raise ConfigError(f"no data set {name!r}; known: {', '.join(BY_NAME)}")
    return BY_NAME[name]
