"""The whole pipeline and its peers at several sizes of the data: `make bench-scale`."""
