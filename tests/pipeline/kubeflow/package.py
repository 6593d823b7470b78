"""A compiled pipeline that is small: its run parameters, and the steps that commands look at."""

from __future__ import annotations

PACKAGE = """\
pipelineInfo: {name: movielens}
defaultPipelineRoot: minio://mlpipeline/v2/artifacts
root:
  inputDefinitions:
    parameters:
      epochs: {parameterType: NUMBER_INTEGER, defaultValue: 0, isOptional: true}
      max_drop: {parameterType: NUMBER_DOUBLE, defaultValue: 0.005, isOptional: true}
      preset: {parameterType: STRING, defaultValue: default, isOptional: true}
      settings: {parameterType: STRING, defaultValue: '', isOptional: true}
  dag:
    tasks:
      Evaluator: {componentRef: {name: Evaluator}, taskInfo: {name: Evaluator}}
      LiveModel:
        componentRef: {name: LiveModel}
        taskInfo: {name: LiveModel}
        inputs:
          parameters:
            destination: {runtimeValue: {constant: /mnt/recommender/serving_model/movielens}}
      Pusher: {componentRef: {name: Pusher}, taskInfo: {name: Pusher}}
components:
  Evaluator: {executorLabel: Evaluator_executor}
  LiveModel: {executorLabel: LiveModel_executor}
  Pusher: {executorLabel: Pusher_executor}
deploymentSpec:
  executors:
    Evaluator_executor:
      container:
        image: registry.example/recommender:1
        resources: {cpuRequest: 1.0, cpuLimit: 4.0, memoryRequest: 2.0, memoryLimit: 8.0}
    LiveModel_executor:
      container:
        image: registry.example/recommender:1
        resources: {cpuRequest: 0.5, cpuLimit: 4.0, memoryRequest: 1.0, memoryLimit: 4.0}
    Pusher_executor:
      container:
        image: registry.example/recommender:1
        resources: {cpuRequest: 0.5, cpuLimit: 4.0, memoryRequest: 1.0, memoryLimit: 4.0}
schemaVersion: 2.1.0
---
platforms:
  kubernetes:
    deploymentSpec:
      executors:
        LiveModel_executor:
          pvcMount: [{constant: recommender, mountPath: /mnt/recommender}]
        Pusher_executor:
          pvcMount: [{constant: recommender, mountPath: /mnt/recommender}]
          nodeSelector: {labels: {pool: small}}
"""
