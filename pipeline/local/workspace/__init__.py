"""The output root and what is kept in it."""
