"""From the graph to the YAML that Kubeflow Pipelines takes."""
