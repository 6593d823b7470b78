"""Reads what the page shows: artifacts, figures, answers of the model."""
