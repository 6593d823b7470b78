"""The layouts of rating data: which files they have and how the rows are read."""
