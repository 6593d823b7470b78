"""Vocabularies and the transform graph."""
