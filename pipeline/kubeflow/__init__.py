"""The pipeline on an open-source Kubeflow Pipelines 2.x cluster.

`compile` takes the graph to the YAML that the cluster takes, `entrypoint` is the command of every
container, `client` talks to the cluster.
"""
