"""Commands on the served folder, each as a run of one step on the cluster."""
