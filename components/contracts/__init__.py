"""What crosses the borders between components: Examples, SavedModels, names of metrics."""
