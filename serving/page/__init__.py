"""The page for people at `/`, and the documentation of the API at `/docs`."""
