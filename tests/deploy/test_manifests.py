"""The manifests: read strictly, and held against what the server and the image are."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from pipeline.kubeflow.doctor import permissions
from serving.__main__ import build_parser, read_config
from tests.deploy.strict_kubernetes import problems

DEPLOY = Path(__file__).parents[2] / "deploy"
FOLDERS = sorted(path.parent for path in DEPLOY.glob("*/kustomization.yaml"))
ROOTS = [folder for folder in FOLDERS if folder.name not in ("storage", "serving")]


def kustomization(folder: Path) -> dict[str, Any]:
    return yaml.safe_load((folder / "kustomization.yaml").read_text())


def manifests(folder: Path) -> list[dict[str, Any]]:
    """Returns the resources of a folder as Kustomize collects them, before its transformations."""
    found = []
    for name in kustomization(folder)["resources"]:
        path = folder / name
        if path.is_dir():
            found += manifests(path.resolve())
        else:
            found += yaml.safe_load_all(path.read_text())
    return found


def one(folder: str, kind: str) -> dict[str, Any]:
    (manifest,) = (one for one in manifests(DEPLOY / folder) if one["kind"] == kind)
    return manifest


def container(folder: str) -> dict[str, Any]:
    (found,) = one(folder, "Deployment")["spec"]["template"]["spec"]["containers"]
    return found


def test_every_file_is_used() -> None:
    named = {
        (folder / name).resolve()
        for folder in FOLDERS
        for name in kustomization(folder)["resources"]
    }
    assert {path for path in named if path.is_dir()} <= {folder.resolve() for folder in FOLDERS}
    written = {path for path in DEPLOY.glob("*/*.yaml") if path.name != "kustomization.yaml"}
    assert {path for path in named if path.is_file()} == written - {DEPLOY / "kserve/images.yaml"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_manifests_have_no_unknown_wrong_or_missing_fields(folder: Path) -> None:
    for manifest in manifests(folder):
        if manifest["kind"] == "InferenceService":
            continue
        assert problems(manifest) == []


def test_the_reader_finds_what_is_wrong() -> None:
    good = one("server", "Deployment")
    bad = copy.deepcopy(good)
    bad["spec"]["replica"] = 1
    bad["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"] = "http"
    del bad["spec"]["selector"]
    assert problems(bad) == [
        "Deployment.spec: unknown field replica",
        "Deployment.spec.template.spec.containers[0].ports[0].containerPort: 'http' is no int",
        "Deployment.spec: selector is missing",
    ]


@pytest.mark.parametrize("root", ROOTS, ids=lambda path: path.name)
def test_names_that_manifests_refer_to_are_there(root: Path) -> None:
    found = manifests(root)
    names = {(one["kind"], one["metadata"]["name"]) for one in found}
    text = json.dumps(found)
    if "persistentVolumeClaim" in text:
        assert ("PersistentVolumeClaim", "recommender") in names
    for manifest in found:
        if manifest["kind"] == "HorizontalPodAutoscaler":
            target = manifest["spec"]["scaleTargetRef"]
            assert (target["kind"], target["name"]) in names
        if manifest["kind"] == "RoleBinding":
            assert (manifest["roleRef"]["kind"], manifest["roleRef"]["name"]) in names
            for subject in manifest["subjects"]:
                assert (subject["kind"], subject["name"]) in names


@pytest.mark.parametrize("folder", ["server", "tensorflow-serving"])
def test_service_and_policies_select_the_pods(folder: str) -> None:
    template = one(folder, "Deployment")["spec"]["template"]
    labels = template["metadata"]["labels"].items()
    assert one(folder, "Service")["spec"]["selector"].items() <= labels
    for kind in ("PodDisruptionBudget", "Deployment"):
        assert one(folder, kind)["spec"]["selector"]["matchLabels"].items() <= labels
    policy = one(folder, "NetworkPolicy")["spec"]
    assert policy["podSelector"]["matchLabels"].items() <= labels
    port = one(folder, "Service")["spec"]["ports"][0]["targetPort"]
    assert port in {port["name"] for port in container(folder)["ports"]}


@pytest.mark.parametrize("folder", ["server", "tensorflow-serving", "kserve"])
def test_pods_run_without_rights(folder: str) -> None:
    text = json.dumps(manifests(DEPLOY / folder))
    assert '"runAsNonRoot": true' in text
    assert '"readOnlyRootFilesystem": true' in text
    assert '"allowPrivilegeEscalation": false' in text
    assert '"automountServiceAccountToken": false' in text
    # Secrets are referred to; no value stands in a manifest.
    assert '"kind": "Secret"' not in text


def server_args() -> list[tuple[str, list[str], int]]:
    service = one("kserve", "InferenceService")["spec"]["predictor"]["containers"][0]
    return [
        (name, found["args"], found["ports"][0]["containerPort"])
        for name, found in (("server", container("server")), ("kserve", service))
    ]


@pytest.mark.parametrize(("name", "args", "port"), server_args(), ids=lambda one: str(one)[:8])
def test_arguments_of_the_server_are_valid(name: str, args: list[str], port: int) -> None:
    arguments = build_parser().parse_args(args)
    config = read_config(arguments.assignments)
    assert (config.host, config.port) == ("0.0.0.0", port)
    pod = one("server", "Deployment")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > config.drain_seconds + config.graceful_seconds


@pytest.mark.parametrize("name", ["models.config", "models-with-labels.config"])
def test_models_config_is_a_message_of_tensorflow_serving(name: str) -> None:
    text = (DEPLOY / "tensorflow-serving" / name).read_text()
    config = text_format.Parse(text, ModelServerConfig())
    (model,) = config.model_config_list.config
    mounts = {mount["mountPath"] for mount in container("tensorflow-serving")["volumeMounts"]}
    assert any(model.base_path.startswith(f"{mount}/") for mount in mounts)
    specific = set(model.model_version_policy.specific.versions)
    assert set(model.version_labels.values()) <= specific


def rules(folder: str) -> set[tuple[str, str, str, str]]:
    """Returns what a role allows: group, resource, name and verb of each permission."""
    return {
        (group, resource, name, verb)
        for rule in one(folder, "Role")["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", [""])
        for verb in rule["verbs"]
    }


def test_role_of_the_pipeline_is_what_doctor_looks_for() -> None:
    needed = {(*key, verb) for key, verbs in permissions.NEEDED.items() for verb in verbs}
    assert rules("pipeline") == needed
    assert not [rule for rule in needed if "*" in rule]


def test_pods_of_runs_are_reached_by_nobody_and_reach_kubeflow() -> None:
    policy = one("pipeline", "NetworkPolicy")["spec"]
    assert (policy["policyTypes"], policy["ingress"]) == (["Ingress", "Egress"], [])
    # The label is of KFP's compiler: backend/src/v2/compiler/argocompiler/argo.go.
    assert policy["podSelector"]["matchLabels"] == {"pipelines.kubeflow.org/v2_component": "true"}
    ports = {port["port"] for rule in policy["egress"] for port in rule.get("ports", [])}
    assert ports == {53, 443, 6443}


def test_claim_is_the_one_that_the_documents_compile_with() -> None:
    claim = one("storage", "PersistentVolumeClaim")["metadata"]["name"]
    for name in ("docs/kubeflow.md", "deploy/storage/claim.yaml"):
        assert f"--pvc {claim}:/mnt/recommender" in (DEPLOY.parent / name).read_text()


def kustomize() -> list[str]:
    """Returns the command that builds a folder: kustomize, or kubectl, which holds it."""
    for command in (["kustomize", "build"], ["kubectl", "kustomize"]):
        if shutil.which(command[0]):
            return command
    pytest.skip("neither kustomize nor kubectl is installed: only the files were read")


@pytest.mark.parametrize("root", ROOTS, ids=lambda path: path.name)
def test_kustomize_builds(root: Path) -> None:
    built = subprocess.run(
        [*kustomize(), str(root)], capture_output=True, text=True, timeout=60, check=False
    )
    assert built.returncode == 0, built.stderr
    found = [manifest for manifest in yaml.safe_load_all(built.stdout) if manifest]
    assert len(found) == len({(one["kind"], one["metadata"]["name"]) for one in found})
    for manifest in found:
        if manifest["kind"] != "InferenceService":
            assert problems(manifest) == []
