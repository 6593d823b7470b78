"""The commands beside a run."""
