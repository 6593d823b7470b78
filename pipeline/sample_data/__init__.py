"""A generated data set with planted tastes."""
