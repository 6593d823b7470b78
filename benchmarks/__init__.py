"""Measurements: against other recommenders, against the machine's limits, day by day."""
