"""Says what was understood of a data folder before anything is trained on it."""
