"""Drift: how much today's data differ from those that the live model was trained on."""
