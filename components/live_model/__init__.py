"""The baseline: the model that is live now."""
