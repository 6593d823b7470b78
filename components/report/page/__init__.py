"""The page: its blocks, charts and templates."""
