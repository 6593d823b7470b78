"""From the runs of two commits to their table; a run that fails, a commit that is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import commits
from benchmarks.commits import MEMORY, PROCESSOR, WHOLE, check_out, comparison, figures
from benchmarks.scale import whole_run
from benchmarks.scale.whole_run import Ended, summarise

COMPONENTS = [{"id": "Trainer", "seconds": 20.0}, {"id": "Pusher", "seconds": 0.5}]
RECORD = {"status": "pushed", "reason": "", "components": COMPONENTS, "metrics": {}}
FIGURES = {WHOLE: 60, PROCESSOR: 90, MEMORY: 2000, "Trainer": 20, "Pusher": 0.5}


def test_figures_are_of_the_process_and_of_each_component() -> None:
    assert figures(summarise(RECORD, Ended(0, 60, 2_000_000_000, 90))) == FIGURES


def test_both_commits_run_with_their_own_code_and_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def run_process(command: list[str], log: Path, folder: Path | None) -> Ended:
        asked.append((command, log, folder))
        output = Path(command[command.index("--output-root") + 1])
        output.mkdir(parents=True)
        (output / "last_run.json").write_text(json.dumps(RECORD))
        return Ended(0, 60, 2_000_000_000, 90)

    monkeypatch.setattr(commits, "check_out", lambda revision, work: work / f"clone-{revision}")
    monkeypatch.setattr(whole_run, "run_process", run_process)
    options = ["--work", str(tmp_path), "--data-root", str(tmp_path), "--set", "trainer.epochs=1"]
    assert commits.main(["--before", "old", "--after", "new", "--rounds", "1", *options]) == 0
    # The first run of each is not measured.
    assert json.loads((tmp_path / "commits.json").read_text()) == {
        "before": [FIGURES],
        "after": [FIGURES],
    }
    clones = [tmp_path / f"clone-{name}" for name in ("old", "new", "old", "new")]
    assert [folder for _, _, folder in asked] == clones
    for command, _, folder in asked:
        assert command[:2] == [f"{folder}/.venv/bin/python", f"{folder}/local_runner.py"]
        assert command[command.index("--data-root") + 1] == str(tmp_path)
        assert command[command.index("--set") + 1] == "trainer.epochs=1"
    assert len({log for _, log, _ in asked}) == 2
    assert f"| {WHOLE} | 60.0 | 60.0 | ×1.00 |" in capsys.readouterr().out


def test_run_that_fails_ends_the_comparison_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], log: Path, folder: Path | None) -> Ended:
        log.write_text("error: no ratings\n")
        return Ended(2, 1.0, 1)

    monkeypatch.setattr(whole_run, "run_process", fail)
    with pytest.raises(SystemExit) as error:
        commits.run_once(tmp_path / "clone", tmp_path / "runs", None, [])
    told = f"benchmarks.commits: {tmp_path / 'clone'}: local_runner.py ended with 2:"
    assert str(error.value) == f"{told}\nerror: no ratings"


def test_comparison_has_medians_and_ratios() -> None:
    before = [{WHOLE: 10.0, "Old": 1.0}, {WHOLE: 30.0, "Old": 1.0}, {WHOLE: 20.0, "Old": 1.0}]
    after = [{WHOLE: 4.0, "New": 2.0}, {WHOLE: 6.0, "New": 2.0}]
    lines = comparison(before, after).splitlines()
    # Medians 20 and 5.
    assert f"| {WHOLE} | 20.0 | 5.0 | ×0.25 |" in lines
    assert "| Old | 1.0 | – | – |" in lines
    assert "| New | – | 2.0 | – |" in lines


def test_no_commit_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no-such-thing is no commit of this repository"):
        check_out("no-such-thing", tmp_path)
    assert not list(tmp_path.iterdir())
