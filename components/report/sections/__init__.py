"""The sections of the page, one a module: each is a function of the facts."""
