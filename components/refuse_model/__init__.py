"""Gate: fails the run of a model that was refused, with the reason."""
