"""One run, from settings to the record of what it came to."""
