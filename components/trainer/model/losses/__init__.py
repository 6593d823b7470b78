"""The losses: over all movies or some of them."""
