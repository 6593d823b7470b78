"""A compiled pipeline that is small: its run parameters, and no steps."""

from __future__ import annotations

PACKAGE = """\
pipelineInfo: {name: movielens}
root:
  inputDefinitions:
    parameters:
      epochs: {parameterType: NUMBER_INTEGER, defaultValue: 0, isOptional: true}
      max_drop: {parameterType: NUMBER_DOUBLE, defaultValue: 0.005, isOptional: true}
      preset: {parameterType: STRING, defaultValue: default, isOptional: true}
      settings: {parameterType: STRING, defaultValue: '', isOptional: true}
  dag: {tasks: {}}
schemaVersion: 2.1.0
---
platforms: {kubernetes: {deploymentSpec: {executors: {}}}}
"""
