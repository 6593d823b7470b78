"""The commands of kubeflow_runner.py: one file each, and one for all on the served folder."""
