"""What a user of a cluster lives through, run by Kubeflow's own programs.

Whole runs take time, so each of the three serves several tests.
"""
