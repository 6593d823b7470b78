"""Each change of the specification, on specifications of a few lines."""

from __future__ import annotations

from typing import Any

import pytest

from components.errors import ConfigError
from pipeline.config.kubeflow import KubeflowConfig, StepConfig
from pipeline.kubeflow.compile import adapt
from pipeline.kubeflow.parameters import CONFIGURED, STRING, Parameter

MODEL = {"instanceSchema": "title: tfx.Model\ntype: object\n"}


def spec_of(*names: str) -> dict[str, Any]:
    return {
        "pipelineInfo": {"name": "p"},
        "root": {"dag": {"tasks": {n: {"componentRef": {"name": n}} for n in names}}},
        "components": {n: {"executorLabel": f"{n}_executor"} for n in names},
        "deploymentSpec": {
            "executors": {f"{n}_executor": {"container": {"args": ["--a"]}} for n in names}
        },
    }


def test_containers_leaves_out_importers() -> None:
    spec = spec_of("A", "B")
    spec["deploymentSpec"]["executors"]["A_executor"] = {"importer": {}}
    assert [name for name, _ in adapt.containers(spec)] == ["B"]


def test_check_steps_names_the_nearest() -> None:
    config = KubeflowConfig(steps={"default": StepConfig(), "Trianer": StepConfig(gpus=1)})
    with pytest.raises(ConfigError, match=r"no step 'Trianer'; did you mean Trainer\?"):
        adapt.check_steps(spec_of("Trainer", "Pusher"), config)


def test_drop_lifecycle_drops_it_and_nothing_else() -> None:
    spec = spec_of("A")
    container = spec["deploymentSpec"]["executors"]["A_executor"]["container"]
    container["lifecycle"] = {"preCacheCheck": {"command": ["x"]}}
    adapt.drop_lifecycle(spec)
    assert container == {"args": ["--a"]}


def test_name_steps_gives_name_and_driver() -> None:
    spec = spec_of("A", "B")
    adapt.name_steps(spec, {"A": "m.Driver"})
    arguments = {name: container["args"] for name, container in adapt.containers(spec)}
    assert arguments == {
        "A": ["--node_id", "A", "--driver_class_path", "m.Driver", "--a"],
        "B": ["--node_id", "B", "--a"],
    }


def test_set_root_makes_it_a_part_of_each_command() -> None:
    spec = spec_of("A", "B")
    adapt.set_root(spec, "s3://b/r")
    assert spec["defaultPipelineRoot"] == "s3://b/r"
    arguments = [container["args"] for _, container in adapt.containers(spec)]
    assert arguments == [["--pipeline_root", "s3://b/r", "--a"]] * 2


def test_show_to_people_changes_system_types_on_both_sides_only() -> None:
    spec = spec_of("A")
    page = {"artifactType": {"instanceSchema": "title: system.HTML\ntype: object\n"}}
    spec["components"]["A"] = {
        "inputDefinitions": {"artifacts": {"page": dict(page)}},
        "outputDefinitions": {"artifacts": {"page": dict(page), "m": {"artifactType": MODEL}}},
    }
    adapt.show_to_people(spec)
    shown = {"artifactType": {"schemaTitle": "system.HTML", "schemaVersion": "0.0.1"}}
    assert spec["components"]["A"]["inputDefinitions"]["artifacts"] == {"page": shown}
    assert spec["components"]["A"]["outputDefinitions"]["artifacts"] == {
        "page": shown,
        "m": {"artifactType": MODEL},
    }


def test_add_run_parameters_restores_defaults() -> None:
    spec = spec_of("A")
    adapt.add_run_parameters(spec, [Parameter("epochs", STRING, "auto", "Passes.")])
    assert spec["root"]["inputDefinitions"]["parameters"] == {
        "epochs": {
            "parameterType": "STRING",
            "defaultValue": "auto",
            "isOptional": True,
            "description": "Passes.",
        }
    }


def test_pass_parameters_declares_what_it_hands_over() -> None:
    spec = spec_of(*CONFIGURED)
    adapt.pass_parameters(spec, [Parameter("epochs", STRING, "auto", "", ("Trainer",))], "{}")
    assert adapt.tasks(spec)["Trainer"]["inputs"]["parameters"] == {
        "epochs": {"componentInputParameter": "epochs"},
        "base_settings": {"runtimeValue": {"constant": "{}"}},
    }
    assert spec["components"]["Trainer"]["inputDefinitions"]["parameters"] == {
        "epochs": {"parameterType": "STRING"},
        "base_settings": {"parameterType": "STRING"},
    }


def test_pass_parameters_leaves_a_field_that_tfx_wired() -> None:
    spec = spec_of(*CONFIGURED)
    wired = {"input_base": {"componentInputParameter": "data_root"}}
    adapt.tasks(spec)["ExampleGen"]["inputs"] = {"parameters": dict(wired)}
    adapt.pass_parameters(spec, [Parameter("data_root", "STRING", "", "")], "{}")
    assert "data_root" not in adapt.tasks(spec)["ExampleGen"]["inputs"]["parameters"]


def test_pass_parameters_refuses_a_name_that_is_taken() -> None:
    spec = spec_of("ExampleGen")
    spec["components"]["ExampleGen"]["inputDefinitions"] = {"parameters": {"span": {}}}
    with pytest.raises(ConfigError, match="has a property 'span' already"):
        adapt.pass_parameters(spec, [Parameter("span", STRING, "auto", "")], "{}")


def test_pass_parameters_leaves_out_the_tuner_where_there_is_none() -> None:
    spec = spec_of(*(name for name in CONFIGURED if name != "Tuner"))
    adapt.pass_parameters(spec, [Parameter("preset", "STRING", "default", "", CONFIGURED)], "{}")
    assert "preset" in adapt.tasks(spec)["Trainer"]["inputs"]["parameters"]
    assert "Tuner" not in adapt.tasks(spec)


def test_set_caching_never_caches_what_looks_outside() -> None:
    spec = spec_of("ExampleGen", "LiveModel", "Gate", "Pusher", "Trainer")
    # Even where somebody asks for it.
    config = KubeflowConfig(steps={"ExampleGen": StepConfig(cache=True)})
    adapt.set_caching(spec, config)
    cached = {name for name, task in adapt.tasks(spec).items() if task["cachingOptions"]}
    assert cached == {"Trainer"}


def test_set_retries_backs_off_and_leaves_steps_without() -> None:
    spec = spec_of("Gate", "Trainer")
    adapt.set_retries(spec, KubeflowConfig(steps={"Trainer": StepConfig(retries=3)}))
    assert "retryPolicy" not in adapt.tasks(spec)["Gate"]
    assert adapt.tasks(spec)["Trainer"]["retryPolicy"] == {
        "maxRetryCount": 3,
        "backoffDuration": "30s",
        "backoffFactor": 2.0,
        "backoffMaxDuration": "600s",
    }


def test_resources_with_an_accelerator() -> None:
    step = StepConfig(cpu_request=1, memory_limit=16, gpus=1, gpu_type="nvidia.com/gpu")
    assert adapt.resources(step) == {
        "cpuRequest": 1.0,
        "memoryLimit": 16.0,
        "accelerator": {"type": "nvidia.com/gpu", "count": "1"},
    }


def test_step_settings_lie_over_one_another() -> None:
    config = KubeflowConfig(
        steps={"default": StepConfig(memory_limit=32), "Trainer": StepConfig(gpus=2)}
    )
    # Trainer: built-in 2 cores reserved, the user's default limit, the user's accelerators.
    step = adapt.step_settings(config, "Trainer")
    assert (step.cpu_request, step.memory_limit, step.gpus) == (2.0, 32, 2)
    # Gate: the built-in limit of the step stands over the user's default.
    assert adapt.step_settings(config, "Gate").memory_limit == 4.0


def test_platform_spec_is_keyed_by_executor_label() -> None:
    spec = spec_of("Trainer", "Pusher")
    config = KubeflowConfig(steps={"Trainer": StepConfig(node_selector={"pool": "gpu"})})
    mounts = {"Pusher": [{"constant": "claim", "mountPath": "/mnt"}]}
    platform = adapt.platform_spec(spec, config, mounts)
    assert platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"] == {
        "Trainer_executor": {"nodeSelector": {"labels": {"pool": "gpu"}}},
        "Pusher_executor": {"pvcMount": [{"constant": "claim", "mountPath": "/mnt"}]},
    }


def test_pod_settings_are_those_of_the_second_document() -> None:
    step = StepConfig.model_validate(
        {
            "tolerations": [
                {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
                {"key": "pool", "value": "gpu"},
            ],
            "secret_variables": {"AWS_KEY": "s3/key"},
            "secret_volumes": {"/etc/kafka": "kafka"},
        }
    )
    assert adapt.pod_settings(step) == {
        "tolerations": [
            {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
            {"key": "pool", "operator": "Equal", "value": "gpu"},
        ],
        "secretAsEnv": [
            {"secretName": "s3", "keyToEnv": [{"secretKey": "key", "envVar": "AWS_KEY"}]}
        ],
        "secretAsVolume": [{"secretName": "kafka", "mountPath": "/etc/kafka"}],
    }
    assert adapt.pod_settings(StepConfig()) == {}


def test_platform_spec_refuses_claim_and_secret_of_one_name() -> None:
    config = KubeflowConfig(steps={"Pusher": StepConfig(secret_volumes={"/etc/x": "models"})})
    mounts = {"Pusher": [{"constant": "models", "mountPath": "/mnt"}]}
    with pytest.raises(ConfigError, match="claim and secret are both called 'models'"):
        adapt.platform_spec(spec_of("Pusher"), config, mounts)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ({"Trainer": {"memory_request": 20, "memory_limit": 16}}, "memory_request 20 is more"),
        ({"Trainer": {"memory_limit": 1}}, "memory_request 4 is more than memory_limit 1"),
        ({"Trainer": {"cpu_limit": 0.5}}, "cpu_request 2 is more than cpu_limit 0.5"),
        ({"default": {"cpu_limit": 0.75}}, "Trainer: cpu_request 2 is more than cpu_limit 0.75"),
        ({"Gate": {"memory_request": 4.5}}, "memory_request 4.5 is more than memory_limit 4"),
        ({"Trainr": {"gpus": 1}}, "did you mean Trainer?"),
        ({"x" * 5000: {"gpus": 1}}, "no step 'xxx"),
    ],
)
def test_check_steps_refuses_what_no_cluster_takes(steps: dict[str, Any], told: str) -> None:
    config = KubeflowConfig.model_validate({"steps": steps})
    with pytest.raises(ConfigError, match=r"kubeflow.steps") as caught:
        adapt.check_steps(spec_of("Trainer", "Gate"), config)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 500


def test_check_steps_takes_limits_that_are_the_requests() -> None:
    steps = {"Trainer": {"memory_request": 16, "memory_limit": 16, "cpu_limit": 2}}
    adapt.check_steps(spec_of("Trainer"), KubeflowConfig.model_validate({"steps": steps}))
