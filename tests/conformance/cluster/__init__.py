"""Kubeflow Pipelines on this machine: its own programs, and stand-ins for what is not Kubeflow's.

Real: the API server with MariaDB, driver and launcher, ML Metadata's store. Stand-ins: Kubernetes'
API (kubernetes_api.py), Argo's controller (argo.py), containers (pods.py), object store (s3/).
"""
