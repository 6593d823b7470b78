"""The SavedModel that answers queries."""
