"""The commands of kubeflow_runner.py, one file each."""
