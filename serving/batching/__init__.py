"""Requests that wait for the model, and the batches that are made of them."""
