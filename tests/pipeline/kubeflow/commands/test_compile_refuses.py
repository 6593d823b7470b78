"""What `compile` refuses, because it could not work on any cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

import kubeflow_runner

GOOD = {
    "--image": "registry.example/recommender:1",
    "--pipeline-root": "minio://mlpipeline/v2",
    "--data-root": "/mnt/data",
    "--serving-root": "/mnt/serving",
    "--pvc": "recommender:/mnt",
    "--pipeline-name": "movielens",
}


def compile_with(folder: Path, changed: dict[str, str], *more: str) -> int:
    line = [f"{option}={value}" for option, value in {**GOOD, **changed}.items()]
    return kubeflow_runner.main(["compile", *line, *more, f"--output={folder / 'p.yaml'}"])


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--serving-root", "/mnt/../serving"),
        ("--serving-root", "/mnt/serving/../../etc"),
        ("--serving-root", ".."),
        ("--serving-root", ""),
        ("--serving-root", "mnt/serving"),
        ("--serving-root", "/mnt/a\nb"),
        ("--serving-root", "/mnt-too/serving"),
        ("--serving-root", "s3://bucket/serving"),
        ("--serving-root", "/mnt/serving*"),
        ("--serving-root", "/mnt/[a]/serving"),
        ("--serving-root", "/mnt/{a,b}"),
        ("--serving-root", "/mnt/a\\b"),
        ("--pipeline-root", "s3://bucket/a*"),
        ("--pipeline-root", "gs://bucket/[a]/b"),
        ("--pipeline-root", "minio://bucket/?"),
        ("--image", ""),
        ("--image", " "),
        ("--image", "a:1\nb:2"),
        ("--image", "a b:1"),
        ("--image", "a:1\n"),
        ("--image", "Recommender:1"),
        ("--image", "a:"),
        ("--image", ":1"),
        ("--image", "a:1:2"),
        ("--image", "http://a/b:1"),
        ("--image", "a@sha256:12"),
        ("--image", "x" * 100_000),
        ("--image", "a" + "-a" * 300),
        ("--pipeline-root", "minio://"),
        ("--pipeline-root", "s3:///x"),
        ("--pipeline-root", "gs:// /x"),
        ("--pipeline-root", "gs://a/../b"),
        ("--pipeline-root", "gs://a/b\nc"),
        ("--pipeline-root", "S3://bucket"),
        ("--pipeline-root", "https://bucket"),
        ("--pipeline-root", "file:///tmp/x"),
        ("--pipeline-root", "/mnt/x"),
        ("--pipeline-root", ""),
        ("--pipeline-root", "s3://" + "x" * 5000),
        ("--data-root", "gs://"),
        ("--data-root", "s3:///data"),
        ("--data-root", "://data"),
        ("--data-root", "/mnt/../data"),
        ("--data-root", ""),
        ("--schema", ""),
        ("--schema", "../schema.pbtxt"),
        ("--schema", "a\nb"),
        ("--pvc", "Claim:/mnt"),
        ("--pvc", "a_b:/mnt"),
        ("--pvc", "-a:/mnt"),
        ("--pvc", "a-:/mnt"),
        ("--pvc", "a..b:/mnt"),
        ("--pvc", "a b:/mnt"),
        ("--pvc", "x" * 64 + ":/mnt"),
        ("--pvc", "x." * 200 + "x:/mnt"),
        ("--pvc", "claim:mnt"),
        ("--pvc", "claim:/mnt/../mnt"),
        ("--pvc", "claim:/mnt:ro"),
        ("--pvc", "claim:/"),
        ("--pvc", "claim"),
        ("--pvc", "my.claim:/mnt"),
        ("--pipeline-name", "x" * 300),
        ("--pipeline-name", "x" * 64),
        ("--pipeline-name", "x" * 100_000),
        ("--pipeline-name", ""),
        ("--pipeline-name", "-a"),
        ("--pipeline-name", "a-"),
        ("--pipeline-name", "Movie_Lens"),
        ("--pipeline-name", "a/b"),
        ("--pipeline-name", "a\nb"),
        ("--env", "1A=x"),
        ("--env", "A B=x"),
        ("--env", "A"),
        ("--env", "=x"),
    ],
    ids=lambda text: text[:24].encode("unicode_escape").decode(),
)
def test_compile_refuses_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert compile_with(tmp_path, {option: value}) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {option}: ")
    assert error.count("\n") == 1
    assert len(error) < 600
    assert not (tmp_path / "p.yaml").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting",
    [
        "kubeflow.steps={Trainer: {memory_limit: .inf}}",
        "kubeflow.steps={Trainer: {memory_request: .nan}}",
        "kubeflow.steps={Trainer: {memory_limit: 1e300}}",
        "kubeflow.steps={Trainer: {memory_limit: 0}}",
        "kubeflow.steps={Trainer: {memory_limit: -1}}",
        "kubeflow.steps={Trainer: {cpu_limit: 1e-300}}",
        "kubeflow.steps={Trainer: {memory_limit: 1}}",
        "kubeflow.steps={Trainer: {gpus: 1, gpu_type: ''}}",
        "kubeflow.steps={Trainer: {gpus: 1, gpu_type: 'a b'}}",
        "kubeflow.steps={Trainer: {gpus: 100000000000}}",
        "kubeflow.steps={Trainer: {node_selector: {'a b': c}}}",
        "kubeflow.steps={Trainer: {node_selector: {a: 'b c'}}}",
        "kubeflow.steps={Trainer: {tolerations: [{operator: Exists, value: x}]}}",
        "kubeflow.steps={Trainer: {tolerations: [{value: x}]}}",
        "kubeflow.steps={Trainer: {secret_variables: {A: secret}}}",
        "kubeflow.steps={Trainer: {secret_variables: {'1A': secret/key}}}",
        "kubeflow.steps={Trainer: {secret_volumes: {etc: secret}}}",
        "kubeflow.steps={Trainer: {secret_volumes: {/etc/../x: secret}}}",
        "kubeflow.steps={Trainer: {secret_volumes: {/a: s, /b: s}}}",
        "kubeflow.steps={Trainer: {secret_volumes: {/a: Secret}}}",
        "kubeflow.steps={Trainer: {retries: 100000000000}}",
        "kubeflow.backoff_factor=1e300",
        "kubeflow.backoff_seconds=99999999999",
    ],
)
def test_compile_refuses_resources_that_no_cluster_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str
) -> None:
    assert compile_with(tmp_path, {}, "--set", setting) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: kubeflow.")
    assert error.count("\n") == 1


@pytest.mark.parametrize("url", ["https://h/s3cret", "http://h/?key=s3cret", "https://s3cret.h"])
@pytest.mark.parametrize("by_file", [True, False])
def test_compile_refuses_the_url_of_a_webhook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, by_file: bool
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(f"notify: {{webhook: '{url}'}}\n")
    more = ["--config", str(file)] if by_file else ["--set", f"notify.webhook={url}"]
    assert compile_with(tmp_path, {}, *more) == 2
    error = capsys.readouterr().err
    assert "add --set notify.webhook=''" in error
    assert "s3cret" not in error
    assert not (tmp_path / "p.yaml").exists()


@pytest.mark.slow
def test_compile_does_as_it_advises_with_a_webhook_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("notify: {webhook: 'https://h/s3cret'}\ntrainer: {epochs: 3}\n")
    more = ["--config", str(file), "--set", "notify.webhook=''"]
    assert compile_with(tmp_path, {}, *more) == 0
    written = (tmp_path / "p.yaml").read_text()
    assert "s3cret" not in written
    assert "epochs" in written


@pytest.mark.parametrize(
    "value",
    [
        "notify.webhook=https://h/s3cret",
        "trainer.epochs=3; notify.webhook=https://h/s3cret",
        "trainer.epochs=3;\n notify.webhook=https://h/s3cret",
    ],
)
def test_submit_refuses_the_url_of_a_webhook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    package = tmp_path / "p.yaml"
    package.write_text(
        "pipelineInfo: {name: a}\n"
        "root: {inputDefinitions: {parameters: {settings: {parameterType: STRING}}}}\n"
    )
    line = ["submit", "--package", str(package), "--param", f"settings={value}"]
    assert kubeflow_runner.main([*line, "--host", "http://127.0.0.1:9"]) == 2
    error = capsys.readouterr().err
    assert "leave notify.* out" in error
    assert "s3cret" not in error


@pytest.mark.parametrize(
    "image",
    [
        "a",
        "a:1",
        "localhost:5000/a/b:v1.2_3",
        "gcr.io/p/a@sha256:" + "0f" * 32,
        "A.example/b-c__d:1",
    ],
)
def test_compile_takes_images_that_there_are(image: str) -> None:
    from pipeline.kubeflow.compile.target import Target

    target = Target("a", image, "s3://bucket", "/mnt/data", "/mnt/serving")
    assert target.image == image
