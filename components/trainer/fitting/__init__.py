"""Fits a model to the batches."""
