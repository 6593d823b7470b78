"""Serving check: the exported model queried in a fresh process."""
