from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pipeline.local.process.temporary_directory import temporary_directory

PRINT_TEMPORARY = "import tempfile; print(tempfile.gettempdir())"


@pytest.mark.parametrize("set_before", [True, False])
def test_temporary_files_of_the_block_and_its_children_are_gone_after_it(
    set_before: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.delenv("TMPDIR", raising=False)
    if set_before:
        monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = dict(os.environ)
    with temporary_directory() as folder:
        left = Path(tempfile.mkdtemp()) / "left behind"
        left.write_text("")
        child = subprocess.check_output([sys.executable, "-c", PRINT_TEMPORARY], text=True)
        assert child.strip() == str(folder)
        assert left.parent.parent == folder
        assert (folder.parent == tmp_path) is set_before
    assert not folder.exists()
    assert dict(os.environ) == before


def test_temporary_files_are_gone_after_an_error() -> None:
    with pytest.raises(KeyboardInterrupt), temporary_directory() as folder:
        raise KeyboardInterrupt
    assert not folder.exists()
    assert tempfile.gettempdir() != str(folder)
