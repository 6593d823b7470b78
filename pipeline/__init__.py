"""The pipeline: its settings, its graph and the ways to run it."""
