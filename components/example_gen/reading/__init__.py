"""Reads files of any layout into typed columns; imports neither TensorFlow nor TFX."""
