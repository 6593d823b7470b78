"""Scenarios that train no model, in a cluster of their own: run beside the others."""
