"""Talks to a Kubeflow Pipelines 2.x cluster through kfp.Client."""
