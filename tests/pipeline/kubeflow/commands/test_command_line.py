"""kubeflow_runner.py and kfp's real client against a local server that answers the v2beta1 API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kubeflow_runner
from tests.pipeline.kubeflow.package import PACKAGE
from tests.pipeline.kubeflow.stand_in import SECRET, State, serve


@pytest.fixture
def server(home: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    """A cluster, found by the environment."""
    with serve() as (address, state):
        monkeypatch.setenv("KF_PIPELINES_ENDPOINT", address)
        yield state


def run(*arguments: str) -> int:
    return kubeflow_runner.main([*arguments])


def submit(*arguments: str) -> int:
    return run("submit", "--package", "p.yaml", *arguments)


def schedule(*arguments: str) -> int:
    return run("schedule", "--package", "p.yaml", *arguments)


def test_submit_uploads_and_runs(server: State, capsys: pytest.CaptureFixture[str]) -> None:
    assert submit("--param", "epochs=7", "--param", "max_drop=0.01") == 0
    (started,) = server.runs
    assert started["pipeline_version_reference"] == {
        "pipeline_id": "p0",
        "pipeline_version_id": "v0",
    }
    assert started["runtime_config"]["parameters"] == {"epochs": 7, "max_drop": 0.01}
    output = capsys.readouterr().out
    assert "/#/runs/details/r0" in output


def test_submit_again_uploads_a_version_of_the_same_pipeline(server: State) -> None:
    assert (submit(), submit()) == (0, 0)
    assert len(server.pipelines) == 1
    references = [started["pipeline_version_reference"] for started in server.runs]
    assert [reference["pipeline_version_id"] for reference in references] == ["v0", "v1"]


def test_token_is_sent_and_never_printed(server: State, capsys: pytest.CaptureFixture[str]) -> None:
    server.refuse["POST /runs"] = (401, "unauthorized")
    assert submit() == 1
    printed = capsys.readouterr()
    assert any(SECRET in token for token in server.tokens)
    assert SECRET not in printed.out + printed.err
    assert "the cluster refused: 401" in printed.err
    assert "unauthorized" in printed.err


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("epoch=3", "did you mean epochs?"),
        ("epochs=many", "is not a number"),
        ("epochs", "NAME=VALUE"),
    ],
)
def test_submit_refuses_unknown_run_parameters(
    server: State, capsys: pytest.CaptureFixture[str], argument: str, message: str
) -> None:
    assert submit("--param", argument) == 2
    assert message in capsys.readouterr().err
    assert server.requests == []


def test_two_pipelines_of_one_name_are_one_line(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    server.pipelines.append(dict(server.pipelines[0]))
    assert submit() == 1
    assert "error: Multiple pipelines with the name: movielens" in capsys.readouterr().err


def test_submit_of_another_file_is_refused(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("x.yaml").write_text("a: 1")
    assert run("submit", "--package", "x.yaml") == 2
    assert "not what `kubeflow_runner.py compile` writes" in capsys.readouterr().err


def test_cluster_that_is_not_there_is_one_line(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit("--host", "http://127.0.0.1:9") == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: the cluster cannot be reached")


def test_schedule_runs_the_newest_version(server: State) -> None:
    submit()
    submit()
    assert schedule("--cron", "0 3 * * *", "--no-catchup", "--param", "epochs=3") == 0
    (created,) = server.recurring
    assert created["trigger"]["cron_schedule"]["cron"] == "0 0 3 * * *"
    assert created["pipeline_version_reference"]["pipeline_version_id"] == "v1"
    assert created["runtime_config"]["parameters"] == {"epochs": 3}
    assert created["no_catchup"] is True
    assert created["mode"] == "ENABLE"
    assert str(created["max_concurrency"]) == "1"


def test_schedule_replaces_the_old_ones_on_every_page(server: State) -> None:
    submit()
    schedule("--cron", "0 3 * * *")
    # Three more that somebody made by hand and disabled: with pages of two, they are on the second.
    for number in range(3):
        copy = {**server.recurring[0], "recurring_run_id": f"old{number}", "mode": "DISABLE"}
        server.recurring.append(copy)
    # The server asserts that never two are enabled.
    assert schedule("--cron", "30 4 * * 1") == 0
    (left,) = server.recurring
    assert left["trigger"]["cron_schedule"]["cron"] == "0 30 4 * * 1"


def test_schedule_that_is_refused_leaves_the_old_one_firing(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    schedule("--cron", "0 3 * * *")
    server.refuse["POST /recurringruns"] = (400, "the cron expression is wrong")
    assert schedule("--cron", "1 3 * * *") == 1
    assert "the cron expression is wrong" in capsys.readouterr().err
    (left,) = server.recurring
    assert left["mode"] == "ENABLE"


def test_schedule_leaves_other_pipelines_alone(server: State) -> None:
    submit()
    schedule("--cron", "0 3 * * *")
    other = {**server.recurring[0], "recurring_run_id": "x", "display_name": "y", "mode": "DISABLE"}
    server.recurring.append(other)
    schedule("--cron", "0 4 * * *")
    assert "x" in [kept["recurring_run_id"] for kept in server.recurring]


def test_schedule_without_a_pipeline_says_what_to_do(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    assert schedule("--cron", "0 3 * * *") == 2
    assert "`submit` uploads it" in capsys.readouterr().err


def test_schedule_list_disable_delete(server: State, capsys: pytest.CaptureFixture[str]) -> None:
    submit()
    schedule("--cron", "0 3 * * *")
    assert schedule("--list") == 0
    assert "enabled" in capsys.readouterr().out
    assert schedule("--disable") == 0
    assert server.recurring[0]["mode"] == "DISABLE"
    assert schedule("--delete") == 0
    assert server.recurring == []
    assert schedule("--list") == 0
    assert "no schedule of movielens" in capsys.readouterr().out


def test_versions_are_described_with_a_link(server: State) -> None:
    submit()
    submit("--docs", "https://docs.example/kubeflow")
    plain, linked = (version["description"] for version in server.versions)
    assert plain == "A two-tower retrieval model. Image registry.example/recommender:1."
    link = "[How it works, and what the run parameters mean](https://docs.example/kubeflow)."
    assert linked == f"{plain} {link}"


@pytest.mark.parametrize("docs", ["", "docs", "javascript:x", "http://a b", "https://a)(b"])
def test_docs_that_are_no_address_are_refused(
    server: State, capsys: pytest.CaptureFixture[str], docs: str
) -> None:
    assert submit(f"--docs={docs}") == 2
    assert "error: --docs: " in capsys.readouterr().err
    assert server.requests == []


def test_runs_and_schedules_get_the_account(server: State) -> None:
    account = ["--service-account", "recommender-pipeline"]
    submit(*account)
    schedule("--cron", "0 3 * * *", *account)
    submit("--move-schedule")
    assert server.runs[0]["service_account"] == "recommender-pipeline"
    assert "service_account" not in server.runs[1]
    assert server.recurring[0]["service_account"] == "recommender-pipeline"


def test_submit_says_that_a_schedule_stays_on_its_version(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    schedule("--cron", "0 3 * * *")
    assert capsys.readouterr().err == ""
    assert submit() == 0
    (recurring,) = server.recurring
    old, new = (version["display_name"] for version in server.versions)
    said = capsys.readouterr().err
    assert said.startswith(f"Warning: schedule {recurring['recurring_run_id']} (0 0 3 * * *) ")
    assert f"goes on with version {old}; `schedule --move`" in said
    assert new not in said
    assert recurring["pipeline_version_reference"]["pipeline_version_id"] == "v0"


@pytest.mark.parametrize("line", [["submit", "--move-schedule"], ["schedule", "--move"]])
def test_schedules_are_moved_to_the_newest_version_and_keep_all_else(
    server: State, capsys: pytest.CaptureFixture[str], line: list[str]
) -> None:
    submit()
    schedule("--cron", "0 3 * * *", "--no-catchup", "--param", "epochs=3")
    before = server.recurring[0]
    # As somebody may have made it on the page.
    before.update(display_name="nightly", service_account="runs", max_concurrency="2")
    before["trigger"]["cron_schedule"]["end_time"] = "2030-01-02T03:04:05+00:00"
    if line[0] == "schedule":
        submit()
    # The server asserts that never two are enabled.
    assert run(line[0], "--package", "p.yaml", *line[1:]) == 0
    (after,) = server.recurring
    assert after["pipeline_version_reference"]["pipeline_version_id"] == "v1"
    differing = {key for key in before if before[key] != after.get(key)}
    assert differing == {"recurring_run_id", "pipeline_version_reference", "mode"}
    assert (before["mode"], after["mode"]) == ("DISABLE", "ENABLE")
    assert f"{after['recurring_run_id']} in its place runs the new" in capsys.readouterr().out


ROOT = "minio://mlpipeline/v2/artifacts"


def write_package(root: str) -> None:
    """Writes a package whose artifacts go elsewhere."""
    Path("p.yaml").write_text(PACKAGE.replace(ROOT, root))


def test_runs_and_schedules_are_told_where_artifacts_go(server: State) -> None:
    write_package("gs://bucket/root")
    submit()
    schedule("--cron", "0 3 * * *")
    assert server.runs[0]["runtime_config"]["pipeline_root"] == "gs://bucket/root"
    assert server.recurring[0]["runtime_config"]["pipeline_root"] == "gs://bucket/root"


def test_package_without_a_root_leaves_it_to_the_cluster(server: State) -> None:
    Path("p.yaml").write_text(PACKAGE.replace(f"defaultPipelineRoot: {ROOT}\n", "").split("---")[0])
    submit()
    schedule("--cron", "0 3 * * *")
    assert "pipeline_root" not in server.runs[0]["runtime_config"]
    assert "pipeline_root" not in server.recurring[0]["runtime_config"]


@pytest.mark.parametrize(
    ("by_hand", "expected"),
    [(None, "gs://bucket/new"), ("", "gs://bucket/new"), ("s3://by/hand", "s3://by/hand")],
)
def test_schedule_that_is_moved_follows_the_root_of_its_version(
    server: State, by_hand: str | None, expected: str
) -> None:
    submit()
    schedule("--cron", "0 3 * * *")
    assert server.recurring[0]["runtime_config"]["pipeline_root"] == ROOT
    if by_hand is not None:
        server.recurring[0]["runtime_config"]["pipeline_root"] = by_hand
    write_package("gs://bucket/new")
    submit("--move-schedule")
    (moved,) = server.recurring
    assert moved["runtime_config"]["pipeline_root"] == expected


def test_schedule_of_intervals_is_moved(server: State) -> None:
    submit()
    schedule("--cron", "0 3 * * *")
    server.recurring[0]["trigger"] = {"periodic_schedule": {"interval_second": "3600"}}
    assert submit("--move-schedule") == 0
    (after,) = server.recurring
    assert str(after["trigger"]["periodic_schedule"]["interval_second"]) == "3600"
    assert after["pipeline_version_reference"]["pipeline_version_id"] == "v1"


def test_move_that_is_refused_leaves_the_old_one_firing(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    schedule("--cron", "0 3 * * *")
    server.refuse["POST /recurringruns"] = (400, "unknown run parameter")
    assert submit("--move-schedule") == 1
    assert "unknown run parameter" in capsys.readouterr().err
    (left,) = server.recurring
    assert left["mode"] == "ENABLE"
    assert left["pipeline_version_reference"]["pipeline_version_id"] == "v0"


def test_what_needs_no_move_is_left_alone(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    submit()
    schedule("--cron", "0 3 * * *")
    newest = {**server.recurring[0], "recurring_run_id": "newest", "mode": "DISABLE"}
    follows = {**newest, "recurring_run_id": "follows", "display_name": "follows"}
    follows["pipeline_version_reference"] = {"pipeline_id": "p0"}  # KFP: the newest version
    paused = {**newest, "recurring_run_id": "paused"}
    paused["pipeline_version_reference"] = {"pipeline_id": "p0", "pipeline_version_id": "v0"}
    other = {**newest, "recurring_run_id": "other"}
    other["pipeline_version_reference"] = {"pipeline_id": "p9", "pipeline_version_id": "v9"}
    server.recurring += [newest, follows, paused, other]
    before = [dict(recurring) for recurring in server.recurring]
    assert schedule("--move") == 0
    assert "no schedule in movielens stays on an older version" in capsys.readouterr().out
    assert server.recurring == before


def test_schedules_that_cannot_be_listed_do_not_undo_a_submit(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    server.refuse["GET /recurringruns"] = (403, "forbidden")
    assert submit() == 0
    printed = capsys.readouterr()
    assert "run r0" in printed.out
    assert "Warning: the schedules could not be looked at: the cluster refused: 403" in printed.err


def test_schedule_list_shows_the_version(server: State, capsys: pytest.CaptureFixture[str]) -> None:
    submit()
    schedule("--cron", "0 3 * * *")
    old = server.versions[0]["display_name"]
    capsys.readouterr()
    schedule("--list")
    assert f"enabled   {old} (the newest)" in capsys.readouterr().out
    submit()
    capsys.readouterr()
    schedule("--list")
    assert f"enabled   {old} (not the newest: see --move)" in capsys.readouterr().out
    server.recurring[0]["pipeline_version_reference"] = {"pipeline_id": "p0"}
    schedule("--list")
    assert "enabled   always the newest version" in capsys.readouterr().out


def test_status_shows_the_gate(server: State, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        submit()
    passed, refused, running = server.runs
    passed.update(state="SUCCEEDED", run_details=_details("SUCCEEDED"))
    refused.update(state="FAILED", run_details=_details("FAILED", {"message": "below the floor"}))
    running.update(state="RUNNING", run_details=_details("PENDING"))
    capsys.readouterr()
    assert run("status", "--count", "3") == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "gate:" in line]
    assert [line.split("gate: ")[1] for line in lines] == [
        "not decided",
        "refused: below the floor",
        "passed",
    ]
    assert lines[0].startswith("2026-01-02T03:04:05+00:00  RUNNING")


def _details(state: str, error: dict[str, Any] | None = None) -> dict[str, Any]:
    gate: dict[str, Any] = {"display_name": "Gate", "state": state}
    if error:
        gate["error"] = error
    return {"task_details": [{"display_name": "Trainer"}, gate]}


def test_status_of_no_runs(server: State, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("status") == 0
    assert "no run in movielens" in capsys.readouterr().out


def test_compile_refuses_models_on_no_volume(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["compile", "--image", "i:1", "--pipeline-root", "s3://b", "--data-root", "/d"]
    assert run(*arguments, "--serving-root", "/mnt/s", "--pvc", "c:/data") == 2
    assert "models would be lost" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["compile", "submit", "schedule", "status"])
def test_help_of_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(command, "--help")
    assert ended.value.code == 0
    assert "--help" in capsys.readouterr().out
