"""Trainer: the two-tower retrieval model and its exported index."""
