"""The query tower that knows the order of a history, and its part in closed form."""
